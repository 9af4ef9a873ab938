import Foundation
import Testing

@Suite("Completions", .timeLimit(.minutes(1)))
struct CompletionTests {
    @Test("The script of each shell knows every verb and every option", arguments: ["bash", "zsh", "fish"])
    func complete(_ shell: String) async throws {
        let script = try await Command.duet("--generate-completion-script", shell)
        #expect(script.status == 0)
        for (name, command) in try await CommandTree.of("duet").verbs {
            for word in name.split(separator: " ") { #expect(script.output.contains(word), "\(name)") }
            for option in command.options.compactMap(\.option) {
                // fish has names without their dashes.
                #expect(script.output.contains(option.drop { $0 == "-" }), "\(name) \(option)")
            }
        }
    }

    @Test("bash understands its script, and completes with it")
    func bash() async throws {
        let script = try await Command.duet("--generate-completion-script", "bash").output
        let check = try await Command.run("/bin/bash", ["-n"], input: script)
        #expect(check.status == 0 && check.error.isEmpty, "\(check.error)")
        for (words, expected) in [(["duet", "hist"], "history"), (["duet", "logins", "c"], "cancel")] {
            let line = words.joined(separator: " ")
            let question = """

                COMP_WORDS=(\(line)); COMP_CWORD=\(words.count - 1); COMP_LINE='\(line)'; COMP_POINT=\(line.count)
                _duet duet "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
                printf '%s\\n' "${COMPREPLY[@]}"
                """
            let answer = try await Command.run("/bin/bash", ["--norc"], input: script + question)
            #expect(answer.output.split(separator: "\n").contains { $0.hasPrefix(expected) }, "\(answer)")
        }
    }
}
