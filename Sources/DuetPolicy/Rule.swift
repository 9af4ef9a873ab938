/// One rule of a policy: which logins, and what happens to them.
package struct Rule: Sendable, Equatable {
    /// Unique in its policy.
    package let name: String
    /// All of these hold.
    package let when: [Condition]
    /// None of these holds.
    package let unless: [Condition]
    package let action: RuleAction
    /// A text that changes with everything that can change what the rule means, so that what was remembered under the old
    /// meaning is not found under the new one. To be hashed, and compared byte by byte; never shown. Made once: every login
    /// that may be remembered needs it.
    package private(set) var fingerprint = ""

    package init(name: String, when: [Condition] = [], unless: [Condition] = [], action: RuleAction) {
        self.name = name
        self.when = when
        self.unless = unless
        self.action = action
        fingerprint = composedFingerprint
    }

    package var isUnconditional: Bool { when.isEmpty && unless.isEmpty }

    /// Whether the conditions hold. A condition that fails decides, even where another one is unknown.
    func match(_ facts: RuleFacts) -> RuleMatch {
        // Without lists made for it: a login may pass a thousand rules.
        var doubt: RuleMatch.Clause?
        for condition in when {
            switch condition.truth(facts) {
            case .no: return .fails(.when(condition))
            case .unknown: doubt = doubt ?? .when(condition)
            case .yes: break
            }
        }
        for condition in unless {
            switch condition.truth(facts).negated {
            case .no: return .fails(.unless(condition))
            case .unknown: doubt = doubt ?? .unless(condition)
            case .yes: break
            }
        }
        return doubt.map { .doubtful($0) } ?? .holds
    }
}
