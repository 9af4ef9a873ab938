import DuetConfiguration
import DuetPolicy
import Testing

@Suite("The configuration, shown")
struct ConfigurationSettingsTests {
    private static let text =
        TOMLText.duo + """
            [duo.admins]
            integration_key = "DIYYYYYYYYYYYYYYYYYY"
            secret_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCD"
            api_host = "api-other.duosecurity.com"
            ca_file = "/etc/ca.pem"
            [login]
            prompts = 2
            autopush = "prompt"
            [names]
            strip_domain = true
            add_domain = "corp.example"
            [log]
            audit_file = "/var/log/duet/audit.jsonl"
            [metrics]
            listen = "[::1]:9464"
            [[rule]]
            name = 'quoted "name" \\'
            when = { service = ["su*"], group = { any = ["a"], not = ["b"] }, address = ["192.0.2.0/24", "local"], tty = true }
            unless = { user = ["root"], time = { days = ["sat-sun"], hours = ["22:00-06:00"], zone = "Europe/Berlin" } }
            action = "require"
            application = "admins"
            remember = { scope = "tty", allow = "90m", deny = "30s", uses = 3 }
            prompt_text = "Hello"
            [[rule]]
            name = "b"
            when = { publickey = true, enabled = false }
            action = "bypass"
            verdict = "ignore"
            [[rule]]
            name = "c"
            action = "deny"
            text = "no"
            """

    @Test("What is shown is a configuration that means the same, but for the secrets")
    func roundTrip() throws {
        let configuration = try TOMLText(text: Self.text).load()
        let shown = configuration.toml
        #expect(!shown.contains("abcdefghijklmnopqrstuvwxyz0123456789ABCD"))
        let again = try TOMLText(
            text: shown.replacing(Configuration.redacted, with: "abcdefghijklmnopqrstuvwxyz0123456789ABCD")
        ).load()
        #expect(again.policy == configuration.policy)
        #expect(again.login == configuration.login)
        #expect(again.log == configuration.log && again.log.auditFile != nil)
        #expect(again.metrics == configuration.metrics && again.metrics.listen?.host == "::1")
        #expect(again.applications.mapValues(\.apiHost) == configuration.applications.mapValues(\.apiHost))
        #expect(again.applications.mapValues(\.caFile) == configuration.applications.mapValues(\.caFile))
        #expect(again.toml == shown)
        #expect(again.policy.rules.map(\.fingerprint) == configuration.policy.rules.map(\.fingerprint))
    }

    @Test("No secret is in the value that is shown as JSON")
    func noSecret() throws {
        let configuration = try TOMLText(text: Self.text).load()
        #expect(!"\(configuration.settings)".contains("abcdefghijklmnopqrstuvwxyz0123456789ABCD"))
        #expect("\(configuration.settings)".contains(Configuration.redacted))
    }
}
