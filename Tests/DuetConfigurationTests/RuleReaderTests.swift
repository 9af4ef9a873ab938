import DuetConfiguration
import DuetPolicy
import Testing

@Suite("Rules in the configuration")
struct RuleReaderTests {
    /// A file with [duo], and then `text` from line 6 on.
    private static func file(_ text: String) -> TOMLText { TOMLText(text: TOMLText.duo + "\n" + text + "\n") }

    /// A file whose one rule, from line 6 on, has these lines after its name in line 7.
    private static func rule(_ lines: String) -> TOMLText { file("[[rule]]\nname = \"r\"\n" + lines) }

    private func when(_ condition: String) throws -> [Condition]? {
        try Self.rule("when = { \(condition) }\naction = \"require\"").load().policy.rules.first?.when
    }

    @Test(
        "Every condition is read",
        arguments: [
            ("service = [\"sshd\", \"su*\"]", Condition.service([ServicePattern("sshd"), ServicePattern("su*")])),
            ("user = [\"alice\"]", .user(["alice"])),
            ("group = [\"a\", \"b\"]", .group(GroupCondition(any: ["a", "b"]))),
            (
                "group = { any = [\"a\"], all = [\"b\"], not = [\"c\"] }",
                .group(GroupCondition(any: ["a"], all: ["b"], not: ["c"]))
            ),
            ("address = [\"local\"]", .address([.local])), ("tty = true", .tty(true)),
            ("publickey = false", .publickey(false)), ("enabled = true", .enabled(true)),
            ("time = { days = [\"fri-mon\"], zone = \"UTC\" }", .time(TimeWindow(days: [.mon, .fri, .sat, .sun]))),
        ])
    func conditions(_ text: String, _ expected: Condition) throws {
        #expect(try when(text) == [expected])
        let unless = try Self.rule("unless = { \(text) }\naction = \"require\"").load().policy.rules.first?.unless
        #expect(unless == [expected])
    }

    @Test("Conditions may stand in a table of their own, and blocks of addresses in both families")
    func tables() throws {
        let text = "action = \"deny\"\ntext = \"no\"\n[rule.when]\naddress = [\"192.0.2.0/24\", \"2001:db8::/32\"]"
        let rule = try #require(try Self.rule(text).load().policy.rules.first)
        let ranges = ["192.0.2.0/24", "2001:db8::/32"].compactMap { AddressRange($0) }
        #expect(rule == Rule(name: "r", when: [.address(ranges.map(ClientPlace.range))], action: .deny(text: "no")))
    }

    @Test("Every setting of a rule is read, and [login] gives those that it does not say")
    func settings() throws {
        let configuration = try Self.file(
            """
            [login]
            prompts = 2
            fail = "closed"
            default_factor = "sms"
            [duo.admins]
            integration_key = "DIYYYYYYYYYYYYYYYYYY"
            secret_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCD"
            api_host = "api-other.duosecurity.com"
            [[rule]]
            name = "a"
            when = { address = ["local"], user = ["alice"] }
            action = "require"
            factors = ["push", "passcode"]
            autopush = "wait"
            verified_push = false
            fail = "open"
            timeout = "60s"
            remember = { scope = "user", allow = "12h", deny = "30s", uses = 5 }
            application = "admins"
            prompt_text = "Hello."
            [[rule]]
            name = "b"
            action = "bypass"
            verdict = "ignore"
            """
        ).load()
        let expected = Requirement(
            factors: [.push, .passcode], autopush: .wait, prompts: 2, verifiedPush: false, fail: .open,
            timeout: .seconds(60),
            remember: Remember(allow: .seconds(43_200), scope: .user, deny: .seconds(30), uses: 5),
            application: "admins", promptText: "Hello.")
        #expect(configuration.policy.rules.map(\.name) == ["a", "b"])
        #expect(configuration.policy.rules.first?.action == .require(expected))
        #expect(configuration.policy.rules.last?.action == .bypass(.ignore))
        #expect(configuration.applications.keys.sorted() == ["admins", "default"])
        #expect(configuration.applications["admins"]?.apiHost == "api-other.duosecurity.com")
        #expect(configuration.duo.apiHost == "api-1234abcd.duosecurity.com")
    }

    @Test("An application takes how Duo is reached from [duo], and nothing else")
    func inheritance() throws {
        let text = TOMLText(text: TOMLText.duo + "ca_file = \"/etc/ca.pem\"\n[duo.a]\n")
        #expect(text.problems.count == 3)
        let own = TOMLText.duo.replacing("[duo]", with: "[duo.a]")
        let configuration = try TOMLText(
            text: TOMLText.duo + "ca_file = \"/etc/ca.pem\"\n" + own + own.replacing("duo.a", with: "duo.b")
                + "ca_file = \"system\"\n"
        ).load()
        #expect(configuration.applications["a"]?.caFile == "/etc/ca.pem")
        #expect(configuration.applications["b"]?.caFile == nil)
        let wrong = TOMLText(text: TOMLText.duo + "ca_file = \"x\"\n" + own).problems
        #expect(wrong.count == 1)
    }

    @Test("autopush = false is the menu, and remember = false takes back what [login] says")
    func takenBack() throws {
        let configuration = try Self.file(
            """
            [login]
            autopush = "wait"
            remember = { scope = "tty", allow = "15m" }
            [[rule]]
            name = "a"
            action = "require"
            autopush = false
            remember = false
            """
        ).load()
        #expect(configuration.policy.rules.first?.action == .require(.standard))
        #expect(configuration.login.remember == Remember(allow: .seconds(900), scope: .tty))
    }

    @Test(
        "A mistake in a rule names its place and its mend",
        arguments: [
            ("action = \"requier\"", 8, 1, "\"requier\" is not a value of \"action\"", "require"),
            ("action = \"allow\"", 8, 1, "\"allow\" is not a value of \"action\"", "\"bypass\""),
            ("", 6, 1, "this rule has no action", "action ="),
            ("action = \"require\"\nservice = [\"sshd\"]", 9, 1, "unknown key \"service\" in [[rule]]", "when = {"),
            ("action = \"require\"\nwhen = { servcie = [\"sshd\"] }", 9, 10, "unknown key \"servcie\"", "service"),
            ("action = \"require\"\nwhen = [\"sshd\"]", 9, 1, "when must be a table", ""),
            ("action = \"require\"\nwhen = { service = \"sshd\" }", 9, 10, "must be a list, not a text", "[\"sshd\"]"),
            ("action = \"require\"\nwhen = { service = [] }", 9, 10, "is an empty list", "sshd"),
            ("action = \"require\"\nwhen = { service = [\"a\", \"a\"] }", 9, 26, "\"a\" stands twice", ""),
            ("action = \"require\"\nwhen = { service = [3] }", 9, 21, "a list of texts", "quotes"),
            ("action = \"require\"\nwhen = { service = [\"s[sh]d\"] }", 9, 21, "is no pattern", "* and ?"),
            ("action = \"require\"\nwhen = { user = [\"%wheel\"] }", 9, 18, "is no name", "group = [\"wheel\"]"),
            ("action = \"require\"\nwhen = { user = [\"a*\"] }", 9, 18, "is no name", ""),
            ("action = \"require\"\nwhen = { group = {} }", 9, 10, "\"group\" asks nothing", "any"),
            ("action = \"require\"\nwhen = { group = { none = [\"a\"] } }", 9, 20, "unknown key \"none\"", "\"not\""),
            ("action = \"require\"\nwhen = { address = [\"10.0.0.1/8\"] }", 9, 21, "bits behind", "10.0.0.0/8"),
            ("action = \"require\"\nwhen = { address = [\"lcoal\"] }", 9, 21, "no client address", "local"),
            (
                "action = \"require\"\nwhen = { address = [\"host.example\"] }", 9, 21, "no client address",
                "not looked up"
            ),
            ("action = \"require\"\nwhen = { tty = \"yes\" }", 9, 10, "must be true or false", "quotes"),
            ("action = \"require\"\nwhen = { time = {} }", 9, 10, "neither days nor hours", "mon-fri"),
            ("action = \"require\"\nwhen = { time = { days = [\"monday\"] } }", 9, 27, "\"monday\" is no day", "mon"),
            ("action = \"require\"\nwhen = { time = { hours = [\"8-18\"] } }", 9, 28, "no span of hours", "HH:MM"),
            (
                "action = \"require\"\nwhen = { time = { days = [\"mon\"], zone = \"Berlin\" } }", 9, 35,
                "no time zone", "Europe"
            ),
            (
                "action = \"require\"\nwhen = { time = { days = [\"mon\"], zone = \"../x\" } }", 9, 35, "no time zone",
                "Europe"
            ),
            ("action = \"require\"\nverdict = \"ignore\"", 9, 1, "\"verdict\" means nothing", "bypass"),
            ("action = \"bypass\"\nfail = \"open\"", 9, 1, "\"fail\" means nothing", "require"),
            ("action = \"deny\"\ntext = \"a\\nb\"", 9, 1, "without control characters", ""),
            ("action = \"require\"\nautopush = true", 9, 1, "\"autopush\" is false, or says how", "wait"),
            ("action = \"require\"\nprompt = 3", 9, 1, "unknown key \"prompt\"", "prompts"),
            ("action = \"require\"\napplication = \"adm\"", 9, 1, "there is no application \"adm\"", "[duo.adm]"),
            (
                "action = \"require\"\nfactors = [\"push\", \"phone\"]", 9, 1, "no way in when pushes are stopped",
                "passcode"
            ),
            ("action = \"require\"\nremember = true", 9, 1, "\"remember\" is false, or says what", "allow"),
            ("action = \"require\"\nremember = { allow = \"15m\" }", 9, 14, "has no scope", "\"tty\""),
            ("action = \"require\"\nremember = { deny = \"30s\" }", 9, 1, "has no scope", "\"tty\""),
            ("action = \"require\"\nremember = { scope = \"tty\" }", 9, 14, "neither how long", "allow"),
            (
                "action = \"require\"\nremember = { scope = \"tty\", deny = \"30s\", uses = 2 }", 9, 43,
                "counts an allow", "allow"
            ),
            ("action = \"require\"\nremember = { scope = \"tty\", allow = \"13h\" }", 9, 29, "between 1s and 12h", ""),
            ("action = \"require\"\nremember = { scope = \"key\", allow = \"2h\" }", 9, 29, "between 1s and 1h", ""),
            (
                "action = \"require\"\nremember = { scope = \"user\", allow = \"1h\" }", 9, 1, "whom the rule names",
                "user ="
            ),
            (
                "action = \"require\"\nwhen.service = [\"sshd\"]\nremember = { scope = \"tty\", allow = \"1h\" }", 10,
                1, "\"sshd\" cannot have the scope \"tty\"", "key"
            ),
            (
                "action = \"require\"\nwhen.service = [\"sshd\", \"sudo*\"]\nremember = { scope = \"key\", allow = \"1h\" }",
                10, 1, "\"sudo*\" cannot have the scope \"key\"", "tty"
            ),
            (
                "action = \"require\"\nwhen.service = [\"su\"]\nremember = { scope = \"key\", allow = \"1h\" }", 10, 1,
                "\"su\" cannot", "tty"
            ),
            (
                "action = \"require\"\nwhen.service = [\"sudo\"]\nremember = { scope = \"login\", allow = \"1h\" }", 10,
                1, "no rule of sshd", "sudo"
            ),
            (
                "action = \"require\"\nwhen.service = [\"sshd\"]\nremember = { scope = \"login\", allow = \"1h\" }", 10,
                1, "no other rule honours", "sudo"
            ),
            ("action = \"require\"\n[[rule]]\nname = \"r\"\naction = \"deny\"", 10, 1, "another rule \"r\"", ""),
        ])
    func mistakes(_ lines: String, _ line: Int, _ column: Int, _ message: String, _ hint: String) throws {
        let text = Self.rule(lines)
        let problem = try #require(text.problems.first { $0.message.contains(message) }, "\(text.problems)")
        #expect(problem.severity == .error)
        #expect(problem.position.map { [$0.line, $0.column] } == [line, column], "\(problem)")
        #expect(problem.excerpt != nil)
        if !hint.isEmpty { #expect(problem.hint?.contains(hint) == true, "\(problem.hint ?? "no hint")") }
        #expect(throws: ConfigurationError.self) { try text.load() }
    }

    @Test(
        "A mistake outside of a rule's lines is told too",
        arguments: [
            ("[rule]\nname = \"a\"", "must be a list of tables", "[[rule]]"),
            ("rule = []", "is empty: nobody", "[login]"),
            ("[[rules]]\nname = \"a\"", "unknown key \"rules\"", "[[rule]]"),
            ("[[rule]]\naction = \"deny\"", "this rule has no name", "by its name"),
            ("[duo.default]\n", "cannot be the name", "default"),
            ("[duo.\"A b\"]\n", "cannot be the name", "lower-case"),
            ("[duo.a]\n", "[duo.a] has no \"api_host\"", "add"), ("[duo.a]\n", "[duo.a] has neither", "add"),
        ])
    func mistakesOutside(_ lines: String, _ message: String, _ hint: String) throws {
        // Before [duo], so that a key stands at the top.
        let text = TOMLText(text: lines + "\n" + TOMLText.duo)
        let problem = try #require(text.problems.first { $0.message.contains(message) }, "\(text.problems)")
        #expect(problem.severity == .error)
        #expect(problem.hint?.contains(hint) == true, "\(problem.hint ?? "no hint")")
    }

    private static let all = "\n[[rule]]\nname = \"all\"\naction = \"require\"\n"

    @Test(
        "What stands and was probably not meant is a warning, and the file loads",
        arguments: [
            ("action = \"require\"" + all, "\"all\" can never match: \"r\" before it matches every login"),
            (
                "when.user = [\"a\", \"b\"]\naction = \"deny\"\n[[rule]]\nname = \"n\"\nwhen.user = [\"a\"]\naction = \"require\""
                    + all, "\"n\" can never match: \"r\" before it"
            ),
            (
                "when.service = [\"su*\"]\naction = \"deny\"\n[[rule]]\nname = \"n\"\nwhen = { service = [\"sudo\"], tty = true }\naction = \"require\""
                    + all, "\"n\" can never match: \"r\" before it"
            ),
            (
                "when.user = [\"a\"]\nunless.user = [\"a\", \"b\"]\naction = \"deny\"" + all,
                "\"r\" can never match: unless"
            ),
            ("when.group = { all = [\"a\"], not = [\"a\"] }\naction = \"deny\"" + all, "asks for what it forbids"),
            ("when = { service = [\"sudo\"], publickey = true }\naction = \"deny\"" + all, "never hold together"),
            ("when = { service = [\"sshd\"], address = [\"local\"] }\naction = \"deny\"" + all, "never hold together"),
            ("when.service = [\"sudo\"]\naction = \"bypass\"" + all, "lets root in without Duo"),
            ("unless.user = [\"a\"]\naction = \"bypass\"" + all, "lets root in without Duo"),
            (
                "when.address = [\"local\"]\naction = \"require\"\nfail = \"open\"" + all,
                "lets root in without Duo when Duo does not answer"
            ),
            (
                "unless.user = [\"root\"]\naction = \"require\"\nfail = \"open\"" + all,
                "fails open for logins over the network"
            ),
            (
                "unless.user = [\"root\"]\nwhen.time = { hours = [\"08:00-18:00\"] }\naction = \"bypass\"" + all,
                "asks no Duo at certain times"
            ),
            (
                "unless = { user = [\"root\"], time = { hours = [\"08:00-18:00\"] } }\naction = \"bypass\"" + all,
                "asks no Duo at certain times"
            ),
            ("when.user = [\"a\"]\naction = \"require\"", "a login that no rule matches is refused"),
        ])
    func warnings(_ lines: String, _ message: String) throws {
        let warnings = try Self.rule(lines).load().warnings
        let warning = try #require(warnings.first { $0.message.contains(message) }, "\(warnings)")
        #expect(warning.severity == .warning)
        #expect(warning.position != nil)
        #expect(warning.rendered(path: "f").contains(": warning: "))
        #expect(warnings.count == 1 || message.contains("Duo"), "\(warnings)")
    }

    @Test(
        "What is meant is no warning",
        arguments: [
            "action = \"require\"", "when.user = [\"a\"]\naction = \"bypass\"" + all,
            "when.group = [\"robots\"]\naction = \"bypass\"" + all,
            "unless.user = [\"root\"]\naction = \"bypass\"" + all,
            "when.service = [\"sudo\"]\nunless.user = [\"root\"]\naction = \"require\"\nfail = \"open\"" + all,
            "when.user = [\"root\"]\naction = \"require\"\n[[rule]]\nname = \"n\"\nwhen.service = [\"sudo\"]\naction = \"bypass\""
                + all,
            "when.time = { hours = [\"22:00-06:00\"] }\naction = \"deny\"" + all,
            // Where groups are unknown, the bypass lets logins pass by to the other.
            "when.group = [\"a\"]\naction = \"bypass\"\n[[rule]]\nname = \"n\"\nwhen.group = [\"a\"]\naction = \"deny\""
                + all,
            "when.service = [\"sshd\", \"sudo\"]\naction = \"require\"\nremember = { scope = \"login\", allow = \"1h\" }"
                + all,
            "action = \"require\"\nremember = { scope = \"tty\", allow = \"1h\" }",
            "when.user = [\"a\"]\naction = \"require\"\nremember = { scope = \"user\", allow = \"1h\" }" + all,
        ])
    func silent(_ lines: String) throws {
        #expect(try Self.rule(lines).load().warnings == [])
    }

    @Test("Without rules, [login] is looked at as the one rule")
    func loginAlone() throws {
        let configuration = try Self.file("[login]\nfail = \"open\"").load()
        #expect(configuration.policy == Policy(login: Requirement(fail: .open)))
        #expect(configuration.warnings.count == 2)
        #expect(configuration.warnings.allSatisfy { $0.position?.line == 7 })
        #expect(try Self.file("").load().warnings == [])
    }

    @Test("A scope that [login] gives to a rule that cannot have it is told at the rule, with how to take it back")
    func inheritedScope() throws {
        let problem = try #require(
            Self.file(
                """
                [login]
                remember = { scope = "tty", allow = "15m" }
                [[rule]]
                name = "ssh"
                when = { service = ["sshd"] }
                action = "require"
                """
            ).problems.first)
        #expect(problem.message.contains("\"sshd\" cannot have the scope \"tty\""))
        #expect(problem.position?.line == 8)
        #expect(problem.hint?.contains("remember = false") == true)
    }

    @Test("Control characters that TOML's escapes bring in do not reach a message")
    func noControls() {
        let problems = Self.rule("action = \"x\\u001b[2J\"\nwhen.user = [\"\\u0007*\"]").problems
        #expect(problems.count >= 2)
        for problem in problems {
            #expect(!problem.message.unicodeScalars.contains { $0.value < 0x20 })
            #expect(!(problem.hint ?? "").unicodeScalars.contains { $0.value < 0x20 })
        }
    }

    @Test("The policy of a file can be read before its keys are there")
    func policyAlone() throws {
        let text = "[duo]\nsecret_key_file = \"/nonexistent\"\n[[rule]]\nname = \"a\"\naction = \"deny\"\n"
        let policy = try TemporaryFile(text, mode: 0o644).use { try Configuration.policy(path: $0) }
        #expect(policy.rules == [Rule(name: "a", action: .deny(text: nil))])
    }
}
