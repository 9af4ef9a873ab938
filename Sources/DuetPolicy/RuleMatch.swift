/// How a rule's conditions stand to a login.
package enum RuleMatch: Sendable, Equatable {
    case holds
    /// None fails, but this one asks for a fact that could not be found out.
    case doubtful(Clause)
    /// This one is the first that fails.
    case fails(Clause)

    package enum Clause: Sendable, Equatable {
        case when(Condition)
        case unless(Condition)
    }

    /// Why, for people.
    package func reason(_ facts: RuleFacts) -> String {
        switch self {
        case .holds: "every condition holds"
        case .fails(.when(let condition)): "\(condition.text) does not hold: \(condition.fact(facts))"
        case .fails(.unless(let condition)): "unless \(condition.text) applies: \(condition.fact(facts))"
        case .doubtful(.when(let condition)): "\(condition.text) is in doubt: \(condition.fact(facts))"
        case .doubtful(.unless(let condition)): "unless \(condition.text) is in doubt: \(condition.fact(facts))"
        }
    }
}
