import DuetPolicy

/// Reads what a login has to show: the keys of `[login]`, and those of a rule that requires Duo.
struct RequirementReader {
    static let keys = [
        "factors", "default_factor", "autopush", "prompts", "verified_push", "fail", "timeout", "remember",
        "application", "prompt_text",
    ]
    static let foreign = [
        "failmode": "duo_unix's failmode is fail = \"closed\" or \"open\" here",
        "prompt": "how often is asked is \"prompts\", what is said is \"prompt_text\"",
    ]
    static let promptTextCap = 200

    /// The names that `application` may have.
    let applications: [String]

    /// `base`, with what the table says instead. Every key of the table that is wrong is reported.
    func requirement(_ table: TableReader, base: Requirement) -> Requirement {
        var requirement = base
        let safe = ["safe": "duo_unix's safe is \"open\" here", "secure": "duo_unix's secure is \"closed\" here"]
        if let factors: [Factor] = table.choices("factors") { requirement.factors = factors }
        if let factor: Factor = table.choice("default_factor") { requirement.defaultFactor = factor }
        if let autopush = autopush(table) { requirement.autopush = autopush }
        if let prompts = table.integer("prompts", in: Requirement.promptCounts) { requirement.prompts = prompts }
        if let verified = table.boolean("verified_push") { requirement.verifiedPush = verified }
        if let fail: FailMode = table.choice("fail", foreign: safe) { requirement.fail = fail }
        if let timeout = table.duration("timeout", in: Requirement.timeouts) { requirement.timeout = timeout }
        if table["remember"] != nil { requirement.remember = remember(table) }
        if let application = application(table) { requirement.application = application }
        if let text = table.line("prompt_text", cap: Self.promptTextCap) { requirement.promptText = text }
        if let factor = requirement.defaultFactor, !requirement.factors.contains(factor) {
            if table["default_factor"] != nil {
                table.refuse(
                    "default_factor", "is not one of \"factors\"", hint: "add \"\(factor.rawValue)\" to factors")
            }
            // Inherited: a rule with other factors begins with the first of its own.
            requirement.defaultFactor = nil
        }
        if table["factors"] != nil, !requirement.factors.isEmpty { checkWayIn(requirement.factors, table) }
        return requirement
    }

    /// After denials pushes and calls stop for a while; then something else must be left.
    private func checkWayIn(_ factors: [Factor], _ table: TableReader) {
        let isLeft = factors.contains { factor in
            switch factor {
            case .push, .phone: false
            case .sms, .passcode: true
            }
        }
        guard !isLeft else { return }
        table.refuse("factors", "leaves no way in when pushes are stopped", hint: "add \"passcode\"")
    }

    /// `false`, or how.
    private func autopush(_ table: TableReader) -> Autopush? {
        guard case .boolean(let flag)? = table["autopush"]?.value else { return table.choice("autopush") }
        guard flag else { return .off }
        table.refuse("autopush", "is false, or says how", hint: "autopush = \"auto\", \"wait\" or \"prompt\"")
        return nil
    }

    private func application(_ table: TableReader) -> String? {
        guard let (text, position) = table.string("application") else { return nil }
        if applications.contains(text) { return text }
        let near = SpellingHint.nearest(to: text, in: applications).map { "did you mean \"\($0)\"?" }
        table.reader.report(
            "there is no application \"\(text)\"", at: position,
            hint: near ?? "it would be a table [duo.\(text)]; there are: \(applications.joined(separator: ", "))")
        return nil
    }

    /// `false`, or a table.
    private func remember(_ table: TableReader) -> Remember? {
        if case .boolean(false)? = table["remember"]?.value { return nil }
        guard case .table? = table["remember"]?.value else {
            table.refuse(
                "remember", "is false, or says what", hint: "remember = { allow = \"15m\", scope = \"tty\" }")
            return nil
        }
        let table = table.table("remember")
        table.refuseUnknown(
            known: ["allow", "scope", "deny", "uses"], foreign: ["ttl": "allow = \"15m\" says how long"])
        let scope: RememberScope? = table.choice("scope")
        if table["scope"] == nil {
            table.note(
                .error, at: "allow", "\"remember\" has no scope: what is it bound to?",
                hint: "scope = " + RememberScope.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
        }
        let allow = table.duration("allow", in: .seconds(1)...(scope ?? .tty).longest)
        let deny = table.duration("deny", in: Remember.denies)
        let uses = table.integer("uses", in: Remember.useCounts)
        if table["allow"] == nil {
            if table["deny"] == nil {
                table.note(
                    .error, at: "scope", "\"remember\" says neither how long to remember an allow nor a denial",
                    hint: "add allow = \"15m\"")
            }
            if uses != nil { table.refuse("uses", "counts an allow, and there is none", hint: "add allow = \"15m\"") }
        }
        return scope.map { Remember(allow: allow ?? .zero, scope: $0, deny: deny ?? .zero, uses: uses) }
    }
}
