package import DuetPolicy

/// A decision with what an admin wants to know about it.
///
/// All but the decision lies apart: a login that waits holds several outcomes, and mostly they say nothing more.
package struct Outcome: Sendable {
    package let decision: Decision
    private var more = More.nothing

    private indirect enum More: Sendable {
        case nothing
        case facts(Facts)
    }

    package struct Facts: Sendable {
        /// The factor that decided, when one was used.
        package var factor: Factor?
        /// What went wrong, in a sentence, when something did: for the log, never for a verdict.
        package var cause: String?
        /// Whether Duo has answered this login.
        package var contact = Contact.notAsked
        /// How long its preauth took; nil where this login did not have to ask.
        package var preauthTime: Duration?
        /// What memory had to do with it, for the log.
        package var memory: String?
        /// The rule that was met.
        package var rule: String?
        /// The user's name in Duo.
        package var duoUser: String?
    }

    package enum Contact: Sendable {
        case notAsked
        case answered
        case failed
    }

    package init(_ decision: Decision, factor: Factor? = nil, cause: String? = nil, contact: Contact = .notAsked) {
        self.decision = decision
        guard factor != nil || cause != nil || contact != .notAsked else { return }
        more = .facts(Facts(factor: factor, cause: cause, contact: contact))
    }

    package var facts: Facts {
        get {
            switch more {
            case .nothing: Facts()
            case .facts(let facts): facts
            }
        }
        set { more = .facts(newValue) }
    }

    /// The same of another decision.
    func with(_ decision: Decision) -> Outcome {
        var outcome = Outcome(decision)
        outcome.more = more
        return outcome
    }
}
