import DuetLogin

/// What Duo, and mostly a person, has to be asked before a login is decided.
final class Question: Sendable {
    private let login: Login
    let contact: DuoContact
    /// The name of the rule that asks.
    private let rule: String
    private let duoUser: String

    init(login: Login, contact: DuoContact, rule: String, duoUser: String) {
        self.login = login
        self.contact = contact
        self.rule = rule
        self.duoUser = duoUser
    }

    func begin(_ earlier: Earlier) async -> Advance { named(await login.begin(earlier)) }

    func goOn(_ course: Course, answer: String) async -> Advance {
        named(await login.goOn(course, answer: answer))
    }

    func goOn(_ course: Course, sending approval: Approval) async -> Advance {
        named(await login.goOn(course, sending: approval))
    }

    /// Nobody has been asked yet, and nobody will be.
    func left() -> Outcome { named(Outcome(.deny(.stopping))) }

    /// The login does not go on from there.
    func left(_ course: Course) -> Outcome { named(login.left(course)) }

    private func named(_ advance: Advance) -> Advance {
        switch advance {
        case .decided(let outcome): .decided(named(outcome))
        case .asks, .sends: advance
        }
    }

    private func named(_ outcome: Outcome) -> Outcome {
        var outcome = outcome
        outcome.facts.duoUser = duoUser
        outcome.facts.rule = rule
        return outcome
    }
}
