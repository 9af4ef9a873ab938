import DuetConfiguration
import Foundation
import Testing

/// duet.toml(5) is written by hand. What the readers know is asked of themselves: a key that nobody knows makes each of
/// them say all those that it does.
@Suite("duet.toml(5)")
struct ConfigurationManualTests {
    private static let stranger = "qqqqqqqqqqqqqqqq"
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..")
    private static let rule = "[[rule]]\nname = \"a\"\naction = \"require\"\n"

    /// Each table of a configuration: its section in the manual, and a file with the stranger in it.
    static let tables: [(section: String, file: String)] = [
        ("[duo]", "[duo]\n\(stranger) = 1"), ("[login]", "[login]\n\(stranger) = 1"),
        ("remember = { … }", "[login]\nremember = { \(stranger) = 1 }"), ("[push]", "[push]\n\(stranger) = 1"),
        ("[remember]", "[remember]\n\(stranger) = 1"), ("[names]", "[names]\n\(stranger) = 1"),
        ("[log]", "[log]\n\(stranger) = 1"), ("[metrics]", "[metrics]\n\(stranger) = 1"),
        ("[[rule]]", rule + "\(stranger) = 1"), ("when = { … }, unless = { … }", rule + "when = { \(stranger) = 1 }"),
        ("group = { … }", rule + "when = { group = { \(stranger) = 1 } }"),
        ("time = { … }", rule + "when = { time = { \(stranger) = 1 } }"),
    ]

    private func known(_ file: String) throws -> Set<String> {
        let problem = try #require(
            TOMLText(text: file).problems.first { $0.message.hasPrefix("unknown key \"\(Self.stranger)\"") })
        let list = try #require(problem.hint?.components(separatedBy: "known here: ").last)
        return Set(list.components(separatedBy: ", "))
    }

    /// The sections of the manual, each with the keys that it explains.
    private func documented() throws -> [String: Set<String>] {
        let text = try String(
            contentsOf: Self.folder.appendingPathComponent("docs/man/duet.toml.5.scd"), encoding: .utf8)
        var sections: [String: Set<String>] = [:]
        for section in text.components(separatedBy: "\n# ").dropFirst() {
            let lines = section.split(separator: "\n", omittingEmptySubsequences: false)
            let keys = zip(lines, lines.dropFirst()).compactMap { line, next -> String? in
                // A key without a text below it is not explained.
                guard next.hasPrefix("\t") else { return nil }
                return line.prefixMatch(of: /\*([a-z_]+)\* =\s/).map { String($0.1) }
            }
            sections[String(lines[0])] = Set(keys)
        }
        return sections
    }

    @Test("Every key that a table may have is explained, and no other", arguments: tables)
    func keys(_ section: String, _ file: String) throws {
        let documented = try documented()
        var keys = try #require(documented[section], "there is no section \(section)")
        // A rule takes every key of [login], too.
        if section == "[[rule]]" { keys.formUnion(documented["[login]"] ?? []) }
        #expect(keys == (try known(file)))
    }

    @Test("Every table that a file may have has a section")
    func sections() throws {
        let tables = Set(try documented().keys.filter { $0.hasPrefix("[") })
        #expect(tables == Set(try known("\(Self.stranger) = 1").map { $0 == "rule" ? "[[rule]]" : "[\($0)]" }))
    }

    @Test("Every reader that refuses unknown keys is asked by this test")
    func readers() throws {
        let sources = Self.folder.appendingPathComponent("Sources/DuetConfiguration")
        let files = try FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil)
        let calls = try files.map { file in
            try String(contentsOf: file, encoding: .utf8).matches(of: /[a-z]+\.refuseUnknown\(/).count
        }
        // One for the file as a whole.
        #expect(calls.reduce(0, +) == Self.tables.count + 1)
    }
}
