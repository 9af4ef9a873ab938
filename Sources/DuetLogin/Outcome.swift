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
        Outcome(decision, factor: factor, cause: cause, contact: contact)
    }
}
