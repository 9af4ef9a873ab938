import Foundation
import Testing

@Suite("duet config and duet explain", .timeLimit(.minutes(1)))
struct ConfigCommandTests {
    private static let duo = """
        [duo]
        integration_key = "DIXXXXXXXXXXXXXXXXXX"
        secret_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCD"
        api_host = "api-1234abcd.duosecurity.com"

        """
    private static let rules = """
        [[rule]]
        name = "network"
        when = { address = ["192.0.2.0/24"] }
        action = "deny"
        text = "not from there"

        [[rule]]
        name = "everything else"
        action = "require"
        remember = { scope = "tty", allow = "15m" }

        """

    /// Runs `body` with the path of a file that holds `text`.
    private func with(_ text: String, _ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.path + "/duet-\(UInt64.random(in: 0 ... .max)).toml"
        defer { unlink(path) }
        #expect(FileManager.default.createFile(atPath: path, contents: Data(text.utf8)))
        #expect(chmod(path, 0o600) == 0)
        try await body(path)
    }

    @Test(
        "The exit code of config check tells a sound file, one with warnings and one with errors",
        arguments: [
            (duo + rules, Int32(0), "2 rules"),
            (duo + "[login]\nfail = \"open\"\n", 1, "stands, with 2 warnings"),
            (duo + "[login]\nfial = \"open\"\n[[rule]]\n", 2, "does not stand: 3 errors"),
        ])
    func check(_ text: String, _ status: Int32, _ words: String) async throws {
        try await with(text) { path in
            let result = try await Command.duet("config", "check", path)
            #expect(result.status == status, "\(result)")
            #expect(result.output.contains(words), "\(result)")
            let machine = try await Command.duet("config", "check", "--json", path)
            #expect(machine.status == status)
            let document = try JSONSerialization.jsonObject(with: Data(machine.output.utf8)) as? [String: Any]
            #expect(document?["ok"] as? Bool == (status < 2))
        }
    }

    @Test("config show never shows a secret")
    func show() async throws {
        try await with(Self.duo + Self.rules) { path in
            for result in [
                try await Command.duet("config", "show", "--config", path),
                try await Command.duet("config", "show", "--json", "--config", path),
            ] {
                #expect(result.status == 0, "\(result)")
                #expect(result.output.contains("<redacted>"))
                #expect(!result.output.contains("abcdefghijklmnopqrstuvwxyz0123456789ABCD"))
            }
        }
    }

    @Test("explain says which rule decides, and why those before it did not")
    func explain() async throws {
        // No [duo]: the file need not be finished.
        try await with(Self.rules) { path in
            let local = try await Command.duet(
                "explain", "--user", "root", "--service", "sudo", "--tty", "pts/3", "--config", path)
            #expect(local.status == 0, "\(local)")
            #expect(local.output.contains("network: does not match: address = [\"192.0.2.0/24\"] does not hold"))
            #expect(local.output.contains("everything else: matches"))
            #expect(local.output.contains("an allow for 15m"))
            #expect(local.output.contains("the terminal and its session"))
            #expect(local.output.contains("Duo user    root"))
            #expect(local.output.contains("refused (fail = \"closed\")"))
            let remote = try await Command.duet(
                "explain", "--user", "root", "--service", "sshd", "--rhost", "192.0.2.7", "--json", "--config", path)
            let document = try JSONSerialization.jsonObject(with: Data(remote.output.utf8)) as? [String: Any]
            #expect(document?["rule"] as? String == "network")
            #expect(document?["action"] as? String == "deny")
        }
    }

    @Test("explain refuses a user whom this host does not know, and a file that does not stand")
    func explainRefuses() async throws {
        try await with(Self.rules) { path in
            let result = try await Command.duet(
                "explain", "--user", "nobody-here", "--service", "sshd", "--config", path)
            #expect(result.status == 2)
            #expect(result.error.contains("knows no user nobody-here"))
        }
        try await with("[[rule]]\n") { path in
            let result = try await Command.duet("explain", "--user", "root", "--service", "sshd", "--config", path)
            #expect(result.status == 2)
            #expect(result.error.contains("this rule has no name"))
        }
    }
}
