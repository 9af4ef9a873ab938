package import DuetPolicy

/// A decision with what an admin wants to know about it.
package struct Outcome: Sendable {
    package let decision: Decision
    /// The factor that decided, when one was used.
    package var factor: Factor?
    /// What went wrong, in a sentence, when something did: for the log, never for a verdict.
    package var cause: String?
    /// Whether Duo answered this login's preauth.
    package var contact: Contact
    /// How long that answer took; nil where this login did not have to ask.
    package var preauthTime: Duration?
    /// What memory had to do with it, for the log.
    package var memory: String?
    /// The rule that was met.
    package var rule: String?
    /// The user's name in Duo.
    package var duoUser: String?

    package enum Contact: Sendable {
        case notAsked
        case answered
        case failed
    }

    package init(_ decision: Decision, factor: Factor? = nil, cause: String? = nil, contact: Contact = .notAsked) {
        self.decision = decision
        self.factor = factor
        self.cause = cause
        self.contact = contact
    }

    func with(_ decision: Decision) -> Outcome {
        var outcome = Outcome(decision, factor: factor, cause: cause, contact: contact)
        outcome.memory = memory
        return outcome
    }
}
