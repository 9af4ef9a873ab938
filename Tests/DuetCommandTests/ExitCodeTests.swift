import Foundation
import Testing

@Suite("Exit codes", .timeLimit(.minutes(2)))
struct ExitCodeTests {
    /// `duet doctor` counts its failures.
    private static let counting = "doctor"

    /// The codes of each verb in docs/exit-codes.md.
    private func documented() throws -> [String: Set<Int>] {
        let text = try String(contentsOf: Command.source.appendingPathComponent("docs/exit-codes.md"), encoding: .utf8)
        var codes: [String: Set<Int>] = [:]
        for line in text.split(separator: "\n") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.count == 6, cells[1].hasPrefix("`") else { continue }
            codes[cells[1].replacing("`", with: "")] = Set((0...2).filter { cells[$0 + 2] != "–" })
        }
        return codes
    }

    @Test("The document has every verb and no other, and the help of each says the same codes")
    func documents() async throws {
        let verbs = try await CommandTree.of("duet").verbs.filter { $0.name != Self.counting }
        let documented = try documented()
        #expect(Set(verbs.map(\.name)) == Set(documented.keys))
        for (name, command) in verbs {
            let discussion = try #require(command.discussion, "\(name)")
            let sentence = try #require(discussion.components(separatedBy: "Exit code: ").last, "\(name)")
            #expect(discussion.contains("Exit code: "), "\(name)")
            let codes = Set(sentence.matches(of: /\b([012])\b/).compactMap { Int($0.1) })
            #expect(codes == documented[name], "\(name): \(sentence)")
        }
    }

    /// Verbs at a host without a daemon; those of a running one are in test_cli.py. `%` is a temporary folder. Of doctor, which
    /// counts, no code is expected.
    static let cases: [(String, Int32)] = [
        ("status --control-socket %/none", 2), ("status --json --control-socket %/none", 2),
        ("status --watch --interval 0", 64), ("logins --control-socket %/none", 2),
        ("logins cancel x --control-socket %/none", 2), ("logins cancel", 64),
        ("history --control-socket %/none", 2), ("history --limit 1001", 64), ("history --result x", 64),
        ("check --configuration %/none", 2), ("check --json --configuration %/none", 2),
        // Each verb knows both names of that option: people try the one that they know from another.
        ("check --config %/none", 2), ("users list --config %/good.toml", 0), ("ca --config %/none", 2),
        ("enable --config %/good.toml", 0), ("doctor --root % --configuration %/none", 0),
        ("doctor --root %", 0), ("setup --confirm --undo", 64), ("setup --confirm --root %", 2),
        ("migrate %/none", 2), ("config check %/good.toml", 0), ("config check %/odd.toml", 1),
        ("config check %/none", 2), ("config check %/good.toml extra", 64),
        ("config show --config %/good.toml", 0), ("config show --config %/none", 2),
        ("explain --user root --service sshd --config %/good.toml", 0),
        ("explain --user nobody-here --service sshd --config %/good.toml", 2), ("explain --user root", 64),
        ("login root --service sshd --login-socket %/none", 2), ("login root", 64),
        ("login root --service sshd --json --login-socket %/none", 2),
        ("reload --control-socket %/none", 2), ("cache list --control-socket %/none", 2),
        ("metrics --control-socket %/none", 2), ("metrics --json --control-socket %/none", 2),
        ("cache show 1 --control-socket %/none", 2), ("cache forget 1 --control-socket %/none", 2),
        ("cache forget", 64), ("cache clear --control-socket %/none", 1),
        ("cache clear --yes --control-socket %/none", 2),
        ("users list --configuration %/good.toml", 0), ("users enable --configuration %/good.toml root", 0),
        ("users disable --configuration %/good.toml root", 0), ("users enable", 64),
        ("users list --configuration %/broken/duet.toml", 2),
        ("disable --for 1h --configuration %/good.toml", 1), ("disable --for 1w --configuration %/good.toml", 2),
        ("disable", 64), ("enable --configuration %/good.toml", 0),
        ("ca --file %/none", 2), ("ca --configuration %/none", 2), ("version --control-socket %/none", 0),
        ("version --json --control-socket %/none", 0), ("--version", 0), ("--help", 0), ("help status", 0), ("", 0),
        ("stauts", 64), ("cache lst", 64), ("--jsn", 64), ("status --interval x", 64),
    ]

    @Test("Every verb ends with the code that is documented, and never with a value of Swift's", arguments: cases)
    func codes(_ line: String, _ expected: Int32) async throws {
        let folder = try TemporaryFolder()
        let duo = """
            [duo]
            integration_key = "DIXXXXXXXXXXXXXXXXXX"
            secret_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCD"
            api_host = "api-1234abcd.duosecurity.com"

            """
        try folder.write("good.toml", duo, mode: 0o600)
        try folder.write("odd.toml", duo + "[login]\nfail = \"open\"\n", mode: 0o600)
        // A list that is a folder cannot be read.
        try folder.write("broken/users/x", "")
        let words = line.replacing("%", with: folder.path).split(separator: " ").map(String.init)
        let result = try await Command.duet(words)
        if line.hasPrefix(Self.counting) {
            #expect(result.status > 0 && result.status <= 125, "\(result)")
        } else {
            #expect(result.status == expected, "\(result)")
        }
        let said = result.output + result.error
        for word in ["CodingKey", "Error(", "Swift.", "Fatal", "Optional("] { #expect(!said.contains(word), "\(said)") }
        if expected == 2, !words.contains("--json") {
            #expect(result.error.hasPrefix("duet: ") || !result.output.isEmpty, "\(result)")
        }
    }

    @Test("What is asked in the table is every verb that there is")
    func complete() async throws {
        let asked = Self.cases.map(\.0)
        for verb in try await CommandTree.of("duet").verbs {
            let words = verb.name.replacing("logins list", with: "logins")
            #expect(asked.contains { $0.hasPrefix(words) }, "\(verb.name)")
        }
    }
}
