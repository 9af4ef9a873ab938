/// One rule of a policy: which logins, and what happens to them.
package struct Rule: Sendable, Equatable {
    /// Unique in its policy.
    package let name: String
    /// All of these hold.
    package let when: [Condition]
    /// None of these holds.
    package let unless: [Condition]
    package let action: RuleAction

    package init(name: String, when: [Condition] = [], unless: [Condition] = [], action: RuleAction) {
        self.name = name
        self.when = when
        self.unless = unless
        self.action = action
    }

    package var isUnconditional: Bool { when.isEmpty && unless.isEmpty }

    /// Whether the conditions hold. A condition that fails decides, even where another one is unknown.
    func match(_ facts: RuleFacts) -> RuleMatch {
        var doubt: RuleMatch.Clause?
        for clause in when.map(RuleMatch.Clause.when) + unless.map(RuleMatch.Clause.unless) {
            switch clause.truth(facts) {
            case .no: return .fails(clause)
            case .unknown: doubt = doubt ?? clause
            case .yes: break
            }
        }
        return doubt.map { .doubtful($0) } ?? .holds
    }
}
