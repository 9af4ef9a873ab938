import DuetPolicy

/// Looks at rules that are well written for what was probably not meant.
struct RuleReview {
    let rules: [RuleReader.Placed]
    /// Whether `rules` are all that the file has: what depends on the others is said only then.
    let isWhole: Bool

    func run() {
        names()
        for (index, placed) in rules.enumerated() {
            let earlier = rules[..<index].map(\.rule)
            reach(placed, earlier)
            bypass(placed, earlier)
            failOpen(placed, earlier)
            remember(placed)
        }
        if isWhole {
            loginScope()
            last()
        }
    }

    private func names() {
        for (index, placed) in rules.enumerated()
        where rules[..<index].contains(where: { $0.rule.name == placed.rule.name }) {
            placed.table.note(
                .error, at: "name", "there is another rule \"\(placed.rule.name)\"",
                hint: "logs and explanations call a rule by its name")
        }
    }

    private func reach(_ placed: RuleReader.Placed, _ earlier: [Rule]) {
        if let why = placed.rule.contradiction {
            placed.table.note(.warning, at: "when", "rule \"\(placed.rule.name)\" can never match: \(why)")
        } else if let other = earlier.first(where: { placed.rule.isShadowed(by: $0) }) {
            let why = other.isUnconditional ? "matches every login" : "matches all of its logins"
            placed.table.note(
                .warning, at: "name",
                "rule \"\(placed.rule.name)\" can never match: \"\(other.name)\" before it \(why)",
                hint: "the first rule that matches decides: put \"\(placed.rule.name)\" before \"\(other.name)\"")
        }
    }

    private func bypass(_ placed: RuleReader.Placed, _ earlier: [Rule]) {
        guard placed.rule.action.kind == .bypass else { return }
        if catchesRoot(placed.rule, earlier) {
            placed.table.note(
                .warning, at: "action", "rule \"\(placed.rule.name)\" lets root in without Duo",
                hint: "unless = { user = [\"root\"] } leaves root to the rules after it")
        }
        if placed.rule.asksForTime {
            placed.table.note(
                .warning, at: "action", "rule \"\(placed.rule.name)\" asks no Duo at certain times",
                hint: "whoever has the password waits for that time, or sets the clock")
        }
    }

    private func failOpen(_ placed: RuleReader.Placed, _ earlier: [Rule]) {
        guard case .require(let requirement) = placed.rule.action, requirement.fail == .open else { return }
        if catchesRoot(placed.rule, earlier) {
            placed.table.note(
                .warning, at: "fail", "rule \"\(placed.rule.name)\" lets root in without Duo when Duo does not answer",
                hint: "unless = { user = [\"root\"] }, or a rule before it for root with fail = \"closed\"")
        }
        if placed.rule.canHaveClientAddress {
            placed.table.note(
                .warning, at: "fail", "rule \"\(placed.rule.name)\" fails open for logins over the network",
                hint: "who has the password and can cut the line to Duo gets in; "
                    + "when = { address = [\"local\"] } keeps it to the console")
        }
    }

    private func catchesRoot(_ rule: Rule, _ earlier: [Rule]) -> Bool {
        rule.catchesRoot && rule.contradiction == nil && !earlier.contains { rule.forRoot.isShadowed(by: $0) }
    }

    private func remember(_ placed: RuleReader.Placed) {
        guard case .require(let requirement) = placed.rule.action, let remember = requirement.remember else { return }
        let scope = remember.scope
        for pattern in placed.rule.services {
            let known = (["sshd"] + RememberScope.switches + RememberScope.doors).filter { pattern.matches($0) }
            guard !pattern.matchesEverything, !known.isEmpty, !known.contains(where: scope.admits) else { continue }
            placed.table.note(
                .error, at: "remember", "\"\(pattern.text)\" cannot have the scope \"\(scope.rawValue)\"",
                hint: placed.table["remember"] == nil ? Self.inherited : Self.scopeHint(scope))
        }
        if scope == .user, !placed.rule.when.contains(where: { $0.keyword == .user }) {
            placed.table.note(
                .error, at: "remember", "the scope \"user\" is for users whom the rule names",
                hint: placed.table["remember"] == nil ? Self.inherited : "add when = { user = [\"backup\"] }")
        }
    }

    private static let inherited = "it has that from [login]: remember = false takes it back here"

    private static func scopeHint(_ scope: RememberScope) -> String {
        switch scope {
        case .tty: "sshd has no terminal yet; \"key\" remembers an ssh login, \"login\" the sudo after it"
        case .parent: "its parent is the same for everybody; it is meant for sudo and su"
        case .login: "it does not run under an ssh connection"
        case .key: "only sshd is shown a key; \"tty\" is meant for sudo and su"
        case .user: "nothing is remembered so for a login with a client address"
        }
    }

    /// What sshd's rule records under `login`, another rule honours: each alone does nothing.
    private func loginScope() {
        let named = rules.filter { placed in
            guard case .require(let requirement) = placed.rule.action else { return false }
            return requirement.remember?.scope == .login
        }
        guard let first = named.first else { return }
        let records = named.contains { $0.rule.canBe(["sshd"]) }
        let honours = named.contains { placed in
            placed.rule.canBe(RememberScope.switches) || placed.rule.services.contains { $0.name != "sshd" }
        }
        guard !records || !honours else { return }
        first.table.note(
            .error, at: "remember",
            records
                ? "no other rule honours what sshd's rule remembers for the login"
                : "no rule of sshd remembers the login",
            hint: "the scope \"login\" stands in the rule of sshd and in that of sudo")
    }

    private func last() {
        guard let last = rules.last, !last.rule.isUnconditional else { return }
        last.table.note(
            .warning, at: "name", "a login that no rule matches is refused",
            hint: "end with a rule without conditions: [[rule]] name = \"everything else\", action = \"require\"")
    }
}

extension Rule {
    /// The services that it names; none when it is for all.
    fileprivate var services: [ServicePattern] {
        when.flatMap { condition -> [ServicePattern] in
            if case .service(let patterns) = condition { patterns } else { [] }
        }
    }

    fileprivate func canBe(_ names: [ExactName]) -> Bool {
        services.isEmpty || names.contains { name in services.contains { $0.matches(name) } }
    }
}
