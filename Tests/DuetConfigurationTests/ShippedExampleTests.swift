import DuetConfiguration
import DuetPolicy
import Foundation
import Testing

@Suite("etc/duet.toml")
struct ShippedExampleTests {
    private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../etc/duet.toml").path

    private func text() throws -> String {
        let data = try #require(FileManager.default.contents(atPath: Self.path))
        let key = "secret_key = \"abcdefghijklmnopqrstuvwxyz0123456789ABCD\""
        return String(decoding: data, as: UTF8.self)
            .replacing(/secret_key_file = "[^"]*"/, with: key)
    }

    @Test("It loads without a warning, requires Duo of everybody, and is all defaults")
    func loads() throws {
        let configuration = try TOMLText(text: text()).load()
        #expect(configuration.warnings == [])
        #expect(configuration.login == .standard)
        #expect(configuration.log == LogSettings() && configuration.metrics == MetricsSettings())
        #expect(configuration.policy == Policy(rules: [Rule(name: "everything else", action: .require(.standard))]))
    }

    @Test("What is commented out stands too: its lines are the defaults, or examples that load")
    func commented() throws {
        let examples = ["gecos_field", "gecos_delimiter", "map_file", "add_domain", "default_factor", "prompt_text"]
        let lines = try text().split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            let isExample = examples.contains { line.hasPrefix("#\($0) ") }
            return line.hasPrefix("#") && !line.hasPrefix("# ") && line != "#" && !isExample
                ? String(line.dropFirst()) : String(line)
        }
        let configuration = try TOMLText(text: lines.joined(separator: "\n")).load()
        #expect(configuration.login == .standard)
        #expect(configuration.policy.names == DuoNameRule())
        #expect(
            configuration.policy.rules.map(\.name) == ["robots", "no root over the network", "sudo", "everything else"])
        #expect(configuration.log == LogSettings(auditFile: "/var/log/duet/audit.jsonl"))
        #expect(configuration.metrics == MetricsSettings(listen: .init(host: "127.0.0.1", port: 9_464)))
        #expect(configuration.applications.keys.sorted() == ["admins", "default"])
        #expect(configuration.warnings == [])
    }

    @Test("Every key that there is stands in it")
    func complete() throws {
        let text = try text()
        let full = Requirement(
            defaultFactor: .push, remember: Remember(allow: .seconds(60), scope: .tty), promptText: "x")
        let gecos = DuoNameRule(source: .gecos(field: 5, delimiter: ","), addedDomain: "x")
        let map = DuoNameRule(source: .map(file: "/x", names: [:]))
        let keys =
            (full.settings + gecos.settings + map.settings).map(\.key) + Condition.Keyword.allCases.map(\.rawValue)
            + LogSettings(auditFile: "/x").settings.map(\.key)
            + MetricsSettings(listen: .init(host: "::1", port: 1)).settings.map(\.key)
            + ["name", "when", "unless", "action", "verdict", "text", "ca_file", "api_host", "integration_key"]
        for key in keys {
            #expect(text.contains(try Regex("(?m)^#? *\(key) *=")) || text.contains("`\(key)`"), "\(key)")
        }
    }
}
