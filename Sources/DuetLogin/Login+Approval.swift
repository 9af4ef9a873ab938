import DuetPolicy
import DuoAPI

/// Waiting for a person with a phone in the hand.
extension Login {
    func approved(
        _ approval: Approval, _ option: FactorMenu.Option, _ manner: Manner, _ course: inout Course
    ) async -> Step {
        course.use(option)
        do {
            switch manner {
            case .silently where !conversation.showsProgress:
                // One request that waits: it saves a round trip, and nobody would see the steps.
                switch try await approval.waiting() {
                case .allow(_, _): return .end(Outcome(.allow(.duoAllow), factor: approval.factor))
                case .deny(let status, let message): return denied(approval.factor, status, message)
                }
            case .silently:
                let transaction = try await approval.starting()
                conversation.show(approval.announcement, isError: false)
                return await followed(transaction, approval.factor)
            case .atPrompt:
                let transaction = try await approval.starting()
                return await atPrompt(approval, transaction, &course)
            }
        } catch {
            return ended(approval.factor, error)
        }
    }

    private func followed(_ transaction: TransactionID, _ factor: Factor) async -> Step {
        do {
            var shown = ""
            // Each answer takes until something happens; the bound is for a server that answers at once for ever.
            for _ in 0..<Self.polls where remaining() > .zero {
                switch try await duo.authStatus(transaction, deadline: remaining()) {
                case .waiting(let status, let message):
                    // The announcement or the prompt has said so already.
                    let isNews = status != .pushed && status != .calling && !message.isEmpty && message != shown
                    if isNews { conversation.show(message, isError: false) }
                    shown = message
                case .allow(_, _):
                    return .end(Outcome(.allow(.duoAllow), factor: factor))
                case .deny(let status, let message):
                    return denied(factor, status, message)
                }
            }
            return .end(Outcome(.deny(.timedOut), factor: factor))
        } catch {
            return ended(factor, error)
        }
    }

    private enum Event: Sendable {
        case followed(Step)
        /// Nil: the person is gone.
        case answered(String?)
    }

    /// Follows the push while a prompt stands in which the person may change their mind. The first to allow ends the
    /// login; a passcode that is typed meanwhile counts like any other.
    private func atPrompt(_ approval: Approval, _ transaction: TransactionID, _ course: inout Course) async -> Step {
        let menu = course.menu(requirement, remaining: remaining())
        return await withTaskGroup(of: Event.self) { group in
            defer { group.cancelAll() }
            func ask() {
                group.addTask { .answered(try? await conversation.ask(approval.prompt)) }
            }
            group.addTask { .followed(await followed(transaction, approval.factor)) }
            ask()
            var isAsking = true
            var failure: Step?
            for await event in group {
                switch event {
                case .followed(.end(let outcome)):
                    return .end(outcome)
                case .followed(let step):
                    // The prompt still stands in the host; what it brings is waited for before another may be asked.
                    guard isAsking else { return step }
                    failure = step
                case .answered(nil):
                    return .end(Outcome(.deny(.noAnswer), factor: approval.factor))
                case .answered(let answer?):
                    isAsking = false
                    switch await understood(answer, menu) {
                    case .waits:
                        if let failure { return failure }
                    case .changes(let option):
                        return .follow(option)
                    case .ends(let outcome):
                        return .end(outcome)
                    case .failed(let outcome):
                        if failure != nil { return .next(outcome) }
                        course.prompts -= 1
                        course.last = outcome
                        if course.prompts > 0 {
                            ask()
                            isAsking = true
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
            }
        }
    }
}
