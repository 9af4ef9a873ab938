import FoundationEssentials
import Glibc

@testable import DuetConfiguration

/// Any text as duet.toml.
///
/// The rules:
/// - Nothing traps, in toml++ neither.
/// - What is refused has a reason; each place that is named is in the text, and can be shown.
/// - What is taken can be written down (`duet config show`), and reads as the same configuration.
enum TOMLRules {
    static func hold(for input: ArraySlice<UInt8>) throws(BrokenRule) {
        // FoundationEssentials of Swift 6.3 loses 4 KiB when it reads an empty file.
        guard !input.isEmpty else { return }
        // A configuration may name files; a device or a process is no business of a test.
        let text = String(decoding: input, as: UTF8.self)
        guard !text.contains("/dev"), !text.contains("/proc"), !text.contains("/sys") else { return }
        let lines = input.count { $0 == UInt8(ascii: "\n") } + 1
        switch load(input) {
        case .success(let configuration):
            try problems(configuration.warnings, lie: lines)
            let shown = configuration.toml
            let secret = String(repeating: "k", count: 40)
            let again = load(Array(shown.replacing(Configuration.redacted, with: secret).utf8)[...])
            guard case .success(let second) = again else {
                throw BrokenRule(rule: "what is in force can be read again:\n\(shown)")
            }
            try rule(second.toml == shown, "what is in force stays so when it is read again")
        case .failure(let error):
            try rule(!error.problems.isEmpty, "a refusal says why")
            try problems(error.problems + error.warnings, lie: lines)
        }
    }

    private static func problems(_ problems: [Problem], lie lines: Int) throws(BrokenRule) {
        for problem in problems {
            try rule(!problem.rendered(path: "x").isEmpty, "a problem can be shown")
            guard let position = problem.position else { continue }
            try rule((1...lines + 1).contains(position.line), "line \(position.line) is one of \(lines)")
            try rule(position.column >= 1, "a column counts from 1")
        }
    }

    /// In memory where there is a /dev/shm; a process has its own.
    private static let path = "/dev/shm/duet-fuzz-\(getpid()).toml"

    private static func load(_ input: ArraySlice<UInt8>) -> Result<Configuration, ConfigurationError> {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        precondition(file >= 0, "cannot write \(path)")
        let written = input.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        close(file)
        defer { unlink(path) }
        precondition(written == input.count)
        do throws(ConfigurationError) {
            return .success(try Configuration.load(path: path))
        } catch {
            return .failure(error)
        }
    }
}
