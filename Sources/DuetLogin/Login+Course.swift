import DuetMemory
import DuetPolicy
import DuoAPI

/// The attempts of one login, one after the other.
extension Login {
    /// To the first prompt, or to the push that needs none.
    func start(_ start: Course) async -> Advance {
        var course = start
        if requirement.factors.contains(where: { $0 == .push || $0 == .phone }) {
            course.stop = memory.budget.standing(memory.person, key: memory.recordKey)
        }
        let menu = course.menu(requirement, remaining: remaining())
        if let stop = course.stop { conversation.show(LoginText.stopped(stop), isError: true) }
        guard !menu.isEmpty else {
            if course.stop == nil { conversation.show(noFactorText(course), isError: true) }
            return .decided(Outcome(.deny(course.stop == nil ? .noFactor : .pushLimit)))
        }
        guard let option = menu.automatic(requirement.autopush) else { return await next(course) }
        return await take(await follow(option, manner, &course), course)
    }

    /// What the person has said at the prompt, to the next one.
    func answered(_ start: Course, _ answer: String) async -> Advance {
        var course = start
        // As it was shown: a number means what it meant then, however little time is left now.
        switch course.menu(requirement, remaining: course.asked).choice(answer) {
        case .passcode(let passcode):
            return await take(await check(passcode), course)
        case .option(let option):
            return await take(await follow(option, .silently, &course), course)
        case .unclear(let hint):
            conversation.show(hint, isError: true)
            return await next(course)
        }
    }

    /// What an attempt has led to, to the next prompt.
    @inline(never)
    func take(_ step: Step, _ start: Course) async -> Advance {
        var (step, course) = (step, start)
        // Each turn uses an option up, so this ends.
        while true {
            switch step {
            case .end(let outcome): return .decided(outcome)
            case .sends(let approval): return .sends(approval, course)
            case .follow(let option): step = await follow(option, .silently, &course)
            case .next(let outcome, let prompt):
                (course.last, course.prompt) = (outcome, prompt)
                return await next(course)
            }
        }
    }

    /// How an automatic push waits.
    private var manner: Approval.Manner {
        switch requirement.autopush {
        case .prompt: .atPrompt
        case .wait, .off: .silently
        case .auto: conversation.showsProgress ? .silently : .atPrompt
        }
    }

    /// The next prompt, if there is one.
    private func next(_ start: Course) async -> Advance {
        var course = start
        guard course.prompts > 0 else { return .decided(exhausted(course)) }
        if let end = await renew(&course) { return .decided(end) }
        course.asked = remaining()
        let menu = course.menu(requirement, remaining: course.asked)
        guard !menu.isEmpty, course.asked > Self.farewell * 2 else { return .decided(course.last) }
        let prompt = course.prompt ?? menu.prompt(user: request.user, text: requirement.promptText)
        course.prompt = nil
        course.prompts -= 1
        stage(.prompt)
        return .asks(prompt, course)
    }

    private func follow(
        _ option: FactorMenu.Option, _ manner: Approval.Manner, _ course: inout Course
    ) async -> Step {
        switch option.factor {
        case .push:
            if let end = await refresh(&course) { return .end(end) }
            course.use(option)
            return .sends(push(option, manner, course.challenge.verified))
        case .phone:
            course.use(option)
            return .sends(call(option, manner))
        case .sms: return await text(option, &course)
        // The menu makes no option of passcodes; they are answers of their own.
        case .passcode: return .end(Outcome(.deny(.noFactor)))
        }
    }

    /// A Verified Push needs a transaction that is young and unused: else Duo is asked once more. Nil: go on.
    private func refresh(_ course: inout Course) async -> Outcome? {
        let isUsed = course.challenge.verified != nil && course.hasPushed
        guard isUsed || !course.challenge.isFresh(remaining()) else { return nil }
        return await askAgain(.push, &course)
    }

    /// What Duo has said to an earlier login is out of date when it rejects a factor of this one, such as on a phone that the
    /// person has no more: it is asked before the next attempt. Nil: go on.
    private func renew(_ course: inout Course) async -> Outcome? {
        guard course.challenge.isKept, case .deny(.duoError) = course.last.decision else { return nil }
        return await askAgain(course.last.facts.factor, &course)
    }

    private func askAgain(_ factor: Factor?, _ course: inout Course) async -> Outcome? {
        forgetPreauth()
        do {
            let answer = try await askPreauth()
            guard case .auth(let devices, _, let verified) = answer else { return final(answer) }
            course.challenge = Challenge(devices: devices, verified: verified, remaining: remaining())
            return nil
        } catch {
            // After the first preauth the fail mode is out of play.
            return failed(factor, error)
        }
    }

    /// The answers are used up. A wrong passcode is the host's to ask again, unless that would push again.
    private func exhausted(_ course: Course) -> Outcome {
        var outcome = course.last
        switch outcome.decision {
        case .retry where course.hasStartedApproval: outcome = outcome.with(.deny(.wrongPasscode))
        case .retry, .allow, .ignore, .unknownUser: break
        case .deny(.noAnswer): conversation.show(LoginText.noAnswer, isError: true)
        case .deny: break
        }
        return outcome
    }

    private func noFactorText(_ course: Course) -> String {
        // With all the time in the world there would be one: a short `timeout` in the rule.
        course.menu(requirement, remaining: Course.timeForApproval).isEmpty ? LoginText.noFactor : LoginText.tooLate
    }
}
