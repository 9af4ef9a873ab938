import DuetPolicy

/// Reads a table `[[rule]]`.
struct RuleReader {
    /// A rule, and the table that it came from, for what is found out about it later.
    struct Placed {
        let rule: Rule
        let table: TableReader
    }

    private static let nameCap = 64
    private static let textCap = 400
    private static let own = ["name", "when", "unless", "action"]
    private static let foreign = [
        "if": "conditions stand in when = { … }", "conditions": "conditions stand in when = { … }",
        "not": "what must not hold stands in unless = { … }", "message": "what a denied person reads is \"text\"",
    ]

    /// `[login]`: what a rule that requires Duo does not say itself.
    let login: Requirement
    let requirements: RequirementReader
    let conditions: ConditionReader

    /// nil when something is wrong with it, which has been reported.
    func rule(_ table: TableReader) -> Placed? {
        let misplaced = Condition.Keyword.allCases.map {
            ($0.rawValue, "conditions stand in a table: when = { \($0.rawValue) = … }")
        }
        table.refuseUnknown(
            known: Self.own + RequirementReader.keys + ["verdict", "text"],
            foreign: Self.foreign.merging(RequirementReader.foreign) { own, _ in own }.merging(misplaced) { own, _ in
                own
            })
        if table["name"] == nil {
            table.note(.error, at: "name", "this rule has no name", hint: "logs and explanations call it by its name")
        }
        let name = table.line("name", cap: Self.nameCap)
        let when = table["when"] == nil ? [] : conditions.conditions(table.table("when"))
        let unless = table["unless"] == nil ? [] : conditions.conditions(table.table("unless"))
        guard let action = action(table), let name else { return nil }
        return Placed(rule: Rule(name: name, when: when, unless: unless, action: action), table: table)
    }

    private func action(_ table: TableReader) -> RuleAction? {
        if table["action"] == nil {
            table.note(
                .error, at: "action", "this rule has no action", hint: "action = \"require\", \"bypass\" or \"deny\"")
        }
        let words = [
            "allow": "letting in without Duo is \"bypass\" here", "skip": "letting in without Duo is \"bypass\" here",
            "permit": "letting in without Duo is \"bypass\" here", "reject": "refusing is \"deny\" here",
        ]
        guard let kind: RuleAction.Kind = table.choice("action", foreign: words) else { return nil }
        refuseStrangers(kind, table)
        switch kind {
        case .require: return .require(requirements.requirement(table, base: login))
        case .bypass: return .bypass(table.choice("verdict") ?? .success)
        case .deny: return .deny(text: table.line("text", cap: Self.textCap))
        }
    }

    /// A key of another action would be read by nobody: `fail = "open"` beside `deny` was meant for something.
    private func refuseStrangers(_ kind: RuleAction.Kind, _ table: TableReader) {
        let owners: [(RuleAction.Kind, [String])] = [
            (.require, RequirementReader.keys), (.bypass, ["verdict"]), (.deny, ["text"]),
        ]
        for (owner, keys) in owners where owner != kind {
            for key in keys where table[key] != nil {
                table.refuse(
                    key, "means nothing in a rule with action = \"\(kind.rawValue)\"",
                    hint: "it belongs to action = \"\(owner.rawValue)\"")
            }
        }
    }
}
