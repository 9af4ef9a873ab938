import Foundation
import Testing

@Suite("Manual pages", .timeLimit(.minutes(1)))
struct ManualTests {
    private func read(_ path: String) throws -> String {
        try String(contentsOf: Command.source.appendingPathComponent(path), encoding: .utf8)
    }

    private func page(_ program: String, _ section: String) async throws -> String {
        let path = Command.folder.appendingPathComponent(program).path
        let tail = Command.source.appendingPathComponent("docs/man/\(program).\(section).tail").path
        let script = Command.source.appendingPathComponent("scripts/manual.py").path
        let result = try await Command.run("/usr/bin/python3", ["-B", script, path, section, tail])
        #expect(result.status == 0, "\(result.error)")
        return result.output
    }

    @Test("duet(1) has a section for every verb, with every option and what it does")
    func verbs() async throws {
        let page = try await page("duet", "1")
        let sections = page.components(separatedBy: "\n## ").dropFirst().map { section in
            (String(section.prefix { $0 != "\n" }), section)
        }
        let verbs = try await CommandTree.of("duet").verbs
        #expect(sections.map(\.0) == verbs.map(\.name))
        for ((name, command), (_, section)) in zip(verbs, sections) {
            #expect(command.abstract?.isEmpty == false, "\(name)")
            for option in command.options {
                #expect(option.abstract?.isEmpty == false, "\(name) \(option.option ?? option.valueName ?? "")")
                if let option = option.option { #expect(section.contains("*\(option)*"), "\(name) \(option)") }
            }
        }
    }

    @Test("duetd(8) has every option and what it does")
    func daemon() async throws {
        let page = try await page("duetd", "8")
        for option in try await CommandTree.of("duetd").options {
            #expect(option.abstract?.isEmpty == false)
            #expect(page.contains("*\(try #require(option.option))*"))
        }
    }

    @Test("What is written by hand names no verb and no option that there is not")
    func invented() async throws {
        let duet = try await CommandTree.of("duet")
        let duetd = try await CommandTree.of("duetd")
        let verbs = Set(duet.verbs.flatMap { [$0.name, String($0.name.prefix { $0 != " " })] })
        let options = Set((duet.verbs.flatMap(\.command.options) + duetd.options).compactMap(\.option))
        // systemctl's and systemd-creds'.
        let others: Set = ["--now", "--name"]
        for file in ["duet.1.tail", "duetd.8.tail", "duet.toml.5.scd"] {
            let text = try read("docs/man/\(file)")
            for match in text.matches(of: /\*duet ([a-z]+(?: [a-z]+)?)/) {
                #expect(verbs.contains(String(match.1)), "\(file): duet \(match.1)")
            }
            for match in text.matches(of: /--[a-z][a-z-]*/) {
                #expect(options.union(others).contains(String(match.0)), "\(file): \(match.0)")
            }
        }
    }

    @Test("pam_duet(8) has every option of the module, and no other")
    func module() throws {
        let code = try read("pam/options.c")
        let known = code.matches(of: /value_of\(argument, "([a-z]+)="\)|strcmp\(argument, "([a-z]+)"\)/).compactMap {
            ($0.1 ?? $0.2).map(String.init)
        }
        let page = try read("pam/pam_duet.8.scd")
        let section = try #require(
            page.components(separatedBy: "# OPTIONS\n").last?.components(separatedBy: "\n# ").first)
        let documented = section.split(separator: "\n").compactMap { $0.prefixMatch(of: /\*([a-z]+)=?\*/)?.1 }
        #expect(known.count >= 4)
        #expect(Set(documented.map(String.init)) == Set(known))
    }
}
