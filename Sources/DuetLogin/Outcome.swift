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

    private struct Facts: Sendable {
        var factor: Factor?
        var cause: String?
        var contact = Contact.notAsked
        var preauthTime: Duration?
        var memory: String?
        var rule: String?
        var duoUser: String?
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

    private var facts: Facts {
        get {
            switch more {
            case .nothing: Facts()
            case .facts(let facts): facts
            }
        }
        set { more = .facts(newValue) }
    }

    /// The factor that decided, when one was used.
    package var factor: Factor? {
        get { facts.factor }
        set { facts.factor = newValue }
    }

    /// What went wrong, in a sentence, when something did: for the log, never for a verdict.
    package var cause: String? {
        get { facts.cause }
        set { facts.cause = newValue }
    }

    /// Whether Duo has answered this login.
    package var contact: Contact {
        get { facts.contact }
        set { facts.contact = newValue }
    }

    /// How long its preauth took; nil where this login did not have to ask.
    package var preauthTime: Duration? {
        get { facts.preauthTime }
        set { facts.preauthTime = newValue }
    }

    /// What memory had to do with it, for the log.
    package var memory: String? {
        get { facts.memory }
        set { facts.memory = newValue }
    }

    /// The rule that was met.
    package var rule: String? {
        get { facts.rule }
        set { facts.rule = newValue }
    }

    /// The user's name in Duo.
    package var duoUser: String? {
        get { facts.duoUser }
        set { facts.duoUser = newValue }
    }

    func with(_ decision: Decision) -> Outcome {
        var outcome = Outcome(decision, factor: factor, cause: cause, contact: contact)
        outcome.memory = memory
        return outcome
    }
}
