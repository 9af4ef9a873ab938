import DuetMemory
import DuetPolicy
import DuoAPI
import Synchronization

/// Waiting for a person with a phone in the hand.
extension Login {
    /// Sends it, and waits for its end.
    func send(_ approval: Approval, _ course: inout Course) async -> Step {
        switch approval.manner {
        case .silently:
            if conversation.showsProgress, !isWatched(approval) {
                conversation.show(approval.announcement, isError: false)
            }
            return step(await end(of: approval), approval.factor)
        case .atPrompt:
            return await atPrompt(approval, &course)
        }
    }

    /// One request that waits saves a round trip; its steps are lost, which matters only where they would be seen.
    private func isWatched(_ approval: Approval) -> Bool {
        approval.manner == .silently && conversation.showsProgress && approval.flight == nil
    }

    private func end(of approval: Approval) async -> ApprovalEnd {
        let send = { @Sendable [self] () async -> ApprovalEnd in
            stage(approval.stage)
            return isWatched(approval) ? await watched(approval) : await waited(approval)
        }
        guard let flight = approval.flight else { return await charged(send) }
        stage(.otherLogin)
        return await shared(flight.key, send)
    }

    private func waited(_ approval: Approval) async -> ApprovalEnd {
        do {
            return .answered(try await approval.waiting())
        } catch {
            return .failed(error)
        }
    }

    /// Starts it, and shows how it goes.
    private func watched(_ approval: Approval) async -> ApprovalEnd {
        do {
            let transaction = try await approval.starting()
            conversation.show(approval.announcement, isError: false)
            var shown = approval.announcement
            // Each answer takes until something happens; the bound is for a server that answers at once for ever.
            for _ in 0..<Self.polls where remaining() > .zero {
                switch try await duo.authStatus(transaction, deadline: patience) {
                case .waiting(let status, let message):
                    // The announcement has said so already.
                    let isNews = status != .pushed && status != .calling && !message.isEmpty && message != shown
                    if isNews { conversation.show(message, isError: false) }
                    shown = message
                case .allow(let status, let message):
                    return .answered(.allow(status, message: message))
                case .deny(let status, let message):
                    return .answered(.deny(status, message: message))
                }
            }
            return .endless
        } catch {
            return .failed(error)
        }
    }

    private func step(_ end: ApprovalEnd, _ factor: Factor) -> Step {
        switch end {
        case .answered(.allow(_, _)):
            return .end(Outcome(.allow(.duoAllow), factor: factor))
        case .answered(.deny(let status, let message)):
            return denied(factor, status, message)
        case .failed(let error):
            return ended(factor, error)
        case .stopped(let stop):
            conversation.show(LoginText.stopped(stop), isError: true)
            return .next(Outcome(.deny(.pushLimit), factor: factor, cause: LoginText.stopped(stop)))
        case .tooLate:
            conversation.show(LoginText.tooLate, isError: true)
            return .next(Outcome(.deny(.timedOut), factor: factor))
        case .endless:
            return .end(Outcome(.deny(.timedOut), factor: factor))
        }
    }

    private enum Event: Sendable {
        case ended(ApprovalEnd)
        /// Nil: the person is gone.
        case answered(String?)
    }

    /// Waits while a prompt stands in which the person may change their mind. The first to allow ends the login; a passcode
    /// that is typed meanwhile counts like any other.
    private func atPrompt(_ approval: Approval, _ course: inout Course) async -> Step {
        let menu = course.menu(requirement, remaining: remaining())
        return await withTaskGroup(of: Event.self) { group in
            defer { group.cancelAll() }
            func ask() {
                group.addTask { [self] in .answered(try? await conversation.ask(approval.prompt)) }
            }
            // What the phone said, even while an answer is being checked: the person's own "deny" goes before all.
            let said = Mutex<ApprovalEnd?>(nil)
            group.addTask { [self] in
                let end = await end(of: approval)
                said.withLock { $0 = end }
                return .ended(end)
            }
            ask()
            var isAsking = true
            var failure: Step?
            for await event in group {
                switch event {
                case .ended(let end):
                    let step = step(end, approval.factor)
                    // The prompt still stands in the host; what it brings is waited for before another may be asked.
                    if case .end = step { return step }
                    guard isAsking else { return step }
                    failure = step
                case .answered(nil):
                    return .end(Outcome(.deny(.noAnswer), factor: approval.factor))
                case .answered(let answer?):
                    isAsking = false
                    let meaning = await understood(answer, menu)
                    if let end = said.withLock({ $0 }), end.isRefusal { return step(end, approval.factor) }
                    switch meaning {
                    case .waits:
                        if let failure { return failure }
                    case .changes(let option):
                        return .follow(option)
                    case .ends(let outcome):
                        return .end(outcome)
                    case .failed(let outcome):
                        if failure != nil { return .next(outcome) }
                        stage(approval.stage)
                        course.prompts -= 1
                        course.last = outcome
                        if course.prompts > 0 {
                            ask()
                            isAsking = true
                        } else {
                            conversation.show(LoginText.stillWaiting, isError: false)
                        }
                    }
                }
            }
            return failure ?? .end(Outcome(.deny(.noAnswer), factor: approval.factor))
        }
    }

    /// What an answer at a standing prompt means.
    private enum Meaning {
        /// Enter: it is, or will be, approved on the phone.
        case waits
        case changes(FactorMenu.Option)
        case ends(Outcome)
        /// Ask again.
        case failed(Outcome)
    }

    private func understood(_ answer: String, _ menu: FactorMenu) async -> Meaning {
        if answer.allSatisfy(\.isWhitespace) { return .waits }
        switch menu.choice(answer) {
        case .option(let option):
            return .changes(option)
        case .unclear(let hint):
            conversation.show(hint, isError: true)
            return .failed(Outcome(.deny(.noAnswer)))
        case .passcode(let passcode):
            switch await check(passcode) {
            case .end(let outcome): return .ends(outcome)
            case .next(let outcome, _): return .failed(outcome)
            case .follow(let option): return .changes(option)
            // No passcode leads to one.
            case .sends: return .failed(Outcome(.deny(.noFactor)))
            }
        }
    }
}
