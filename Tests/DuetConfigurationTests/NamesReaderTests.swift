import DuetConfiguration
import DuetPolicy
import FoundationEssentials
import Glibc
import Testing

@Suite("Names in the configuration")
struct NamesReaderTests {
    private func names(_ lines: String, restrict: String? = "rwh") throws -> (DuoNameRule?, [Problem]) {
        let definitions = restrict.map { "# comment\nCHFN_RESTRICT\t\t\($0)\nUMASK 022\n" } ?? "UMASK 022\n"
        return try TemporaryFile(definitions, mode: 0o644).use { path in
            let text = TOMLText(
                text: TOMLText.duo + "[names]\n" + lines + "\n", system: SystemFiles(loginDefinitions: path))
            return (try? text.load().policy.names, text.problems)
        }
    }

    @Test(
        "Every way to a name is read",
        arguments: [
            ("", DuoNameRule()), ("source = \"unix\"\nlower_case = true", DuoNameRule(isLowerCase: true)),
            (
                "strip_domain = true\nadd_domain = \"corp.example\"",
                DuoNameRule(stripsDomain: true, addedDomain: "corp.example")
            ),
            ("source = \"gecos\"\ngecos_field = 5", DuoNameRule(source: .gecos(field: 5, delimiter: ","))),
        ])
    func read(_ lines: String, _ expected: DuoNameRule) throws {
        let (rule, problems) = try names(lines)
        #expect(rule == expected)
        #expect(problems == [])
    }

    @Test(
        "A GECOS field that users may change themselves is an error",
        arguments: [
            ("rwh", 1, false), ("rwh", 2, true), ("rwh", 4, true), ("rwh", 5, false), ("frwh", 1, true),
            ("yes", 3, true),
            ("yes", 1, false), ("no", 1, true), ("f", 2, false), ("", 2, false), ("\"rwh\"", 2, true),
        ])
    func editable(_ restrict: String, _ field: Int, _ isRefused: Bool) throws {
        let (rule, problems) = try names("source = \"gecos\"\ngecos_field = \(field)", restrict: restrict)
        #expect((rule == nil) == isRefused, "\(problems)")
        #expect(problems.contains { $0.message.contains("users may change") } == isRefused)
    }

    @Test("Where nothing is said, root alone changes GECOS; the full name is warned of")
    func unrestricted() throws {
        #expect(try names("source = \"gecos\"\ngecos_field = 2", restrict: nil).1 == [])
        #expect(try names("source = \"gecos\"\ngecos_field = 1", restrict: nil).1.map(\.severity) == [.warning])
    }

    @Test("A delimiter that users can put into their own fields is an error")
    func delimiter() throws {
        let lines = "source = \"gecos\"\ngecos_field = 2\ngecos_delimiter = \";\""
        let (rule, problems) = try names(lines)
        #expect(rule == nil)
        #expect(problems.first?.message.contains("put a \";\" into it") == true)
        #expect(try names(lines, restrict: nil).0?.source == .gecos(field: 2, delimiter: ";"))
    }

    @Test(
        "A mistake in [names] is told",
        arguments: [
            ("source = \"gecos\"", "has no \"gecos_field\""), ("gecos_field = 5", "belongs to source = \"gecos\""),
            ("map_file = \"/x\"", "belongs to source = \"map\""), ("source = \"ldap\"", "is not a value of \"source\""),
            ("source = \"map\"", "has no \"map_file\""),
            ("source = \"map\"\nmap_file = \"x\"", "must be an absolute path"),
            ("source = \"map\"\nmap_file = \"/nonexistent\"", "cannot read /nonexistent"),
            ("add_domain = \"@corp\"", "is no domain"), ("lower = true", "unknown key \"lower\""),
            ("source = \"gecos\"\ngecos_field = 5\ngecos_delimiter = \"::\"", "one ASCII character"),
        ])
    func mistakes(_ lines: String, _ message: String) throws {
        let (rule, problems) = try names(lines)
        #expect(rule == nil)
        #expect(problems.contains { $0.message.contains(message) && $0.position != nil }, "\(problems)")
    }

    @Test("A map file is read line by line, and refused when others may write it")
    func map() throws {
        try TemporaryFile("# who\nroot alice  # the boss\n\n bob\tbob@corp\n", mode: 0o644).use { path in
            let lines = "source = \"map\"\nmap_file = \"\(path)\""
            let expected: [ExactName: String] = ["root": "alice", "bob": "bob@corp"]
            let rule = try names(lines).0
            #expect(rule?.source == .map(file: path, names: expected))
            #expect(chmod(path, 0o664) == 0)
            let problems = try names(lines).1
            #expect(problems.contains { $0.message.contains("written by others") })
        }
        try TemporaryFile("root alice\nbob\nroot carol\n", mode: 0o644).use { path in
            let problems = try names("source = \"map\"\nmap_file = \"\(path)\"").1
            #expect(problems.map(\.message).contains { $0.contains(":2: is not two names") })
            #expect(problems.map(\.message).contains { $0.contains(":3: root stands twice") })
        }
    }
}
