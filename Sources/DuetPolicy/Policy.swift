/// What happens to a login: the rules in their order, and how a person is called at Duo.
package struct Policy: Sendable, Equatable {
    /// The first that matches decides.
    package let rules: [Rule]
    package let names: DuoNameRule
    private let index: RuleIndex

    package init(rules: [Rule], names: DuoNameRule = DuoNameRule()) {
        self.rules = rules
        self.names = names
        index = RuleIndex(rules)
    }

    /// The policy of a configuration without rules: `[login]` for everybody.
    package init(login: Requirement, names: DuoNameRule = DuoNameRule()) {
        self.init(rules: [Rule(name: "login", action: .require(login))], names: names)
    }

    /// Decides which rule a login meets.
    ///
    /// 1. The first rule that matches MUST decide, and no later one.
    /// 2. A login that no rule matches MUST be denied.
    /// 3. A rule whose conditions ask for a fact that is not known MUST match if it requires or denies, and MUST NOT match
    ///    if it bypasses; a condition that fails outright settles it either way.
    /// 4. A requirement met in such doubt MUST NOT grant anything by itself: it fails closed and remembers nothing.
    /// 5. The same facts MUST always give the same answer: no clock, no I/O, no order but that of the rules.
    /// Held by `PolicyTests` and, against a second implementation, by `PolicyPropertyTests`.
    ///
    /// Without `traced` the trace, which only people read, is empty, and only rules that may match are looked at.
    package func evaluate(_ facts: RuleFacts, traced: Bool = true) -> Evaluation {
        var trace: [Evaluation.Step] = []
        // By place: the rule is copied only where it decides.
        for place in traced ? Array(rules.indices) : index.places(facts) {
            let match = rules[place].match(facts)
            if !traced, case .fails = match { continue }
            let rule = rules[place]
            let action: RuleAction?
            switch (match, rule.action) {
            case (.fails, _), (.doubtful, .bypass): action = nil
            case (.doubtful, .require(let requirement)): action = .require(requirement.grantingNothing)
            case (.doubtful, .deny), (.holds, _): action = rule.action
            }
            if traced { trace.append(Evaluation.Step(rule: rule.name, match: match, decides: action != nil)) }
            if let action { return Evaluation(rule: rule, action: action, trace: trace) }
        }
        return Evaluation(rule: nil, action: .deny(text: nil), trace: trace)
    }
}

extension Requirement {
    fileprivate var grantingNothing: Requirement {
        var requirement = self
        requirement.fail = .closed
        requirement.remember = nil
        return requirement
    }
}
