import DuetLogin

/// What Duo, and mostly a person, has to be asked before a login is decided.
final class Question: Sendable {
    let login: Login
    let contact: DuoContact
    /// The name of the rule that asks.
    let rule: String
    let duoUser: String
    /// The end of the time that the rule gives.
    let deadline: ContinuousClock.Instant

    init(login: Login, contact: DuoContact, rule: String, duoUser: String, deadline: ContinuousClock.Instant) {
        self.login = login
        self.contact = contact
        self.rule = rule
        self.duoUser = duoUser
        self.deadline = deadline
    }
}
