/// Collects what is wrong while a document is read, so that every error is told at once.
package final class ConfigurationReader {
    private let lines: [String]
    private(set) var problems: [Problem] = []

    package init(text: String) {
        lines = text.textLines
    }

    /// What several applications inherit from `[duo]` is read, and found wrong, more than once: it is told once.
    package func report(
        _ message: String, at position: SourcePosition?, hint: String? = nil, severity: Problem.Severity = .error
    ) {
        let excerpt = position.flatMap { lines.indices.contains($0.line - 1) ? lines[$0.line - 1] : nil }
        let problem = Problem(
            position: position, message: Self.printable(message), hint: hint.map(Self.printable),
            excerpt: excerpt.map {
                Self.withoutSecret($0).split(separator: "\t", omittingEmptySubsequences: false)
                    .map { Self.printable(String($0)) }.joined(separator: "\t")
            },
            severity: severity)
        if !problems.contains(problem) { problems.append(problem) }
    }

    /// What is shown goes to terminals, and to everybody who may ask the daemon how it is. A line that has to do with a
    /// secret, however it is mistyped, is shown up to where a value may begin; what looks like a key is never shown.
    private static func withoutSecret(_ line: String) -> String {
        if line.contains("@"), let scheme = line.firstRange(of: "://") { return line[..<scheme.upperBound] + "…" }
        let words = line.lowercased()
        if !namesFile(line), ["secret", "skey", "proxy"].contains(where: { words.contains($0) }) {
            let start = line.drop { $0.isWhitespace }
            let end = start.firstIndex { $0 == "=" || $0 == ":" || $0.isWhitespace } ?? start.endIndex
            return line[..<end] + " …"
        }
        return withoutKeys(line)
    }

    /// `secret_key_file = …` and nothing more.
    private static func namesFile(_ line: String) -> Bool {
        let parts = line.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return false }
        let words = parts[0].split(whereSeparator: \.isWhitespace)
        return words == ["secret_key_file"] || words == ["proxy_file"]
    }

    /// Without what looks like a key.
    private static func withoutKeys(_ line: String) -> String {
        var shown: [UInt8] = []
        var run: [UInt8] = []
        func endRun() {
            shown += NameForm.secret.holds(for: run) ? Array("…".utf8) : run
            run = []
        }
        for byte in line.utf8 {
            if NameForm.secret.allows(byte) {
                run.append(byte)
            } else {
                endRun()
                shown.append(byte)
            }
        }
        endRun()
        return String(decoding: shown, as: UTF8.self)
    }

    /// TOML has escapes for control characters, and a message goes to terminals and logs.
    private static func printable(_ text: String) -> String {
        var printable = ""
        for scalar in text.unicodeScalars { printable += String(scalar).isPlainLine ? String(scalar) : "?" }
        return printable
    }

    package var hasErrors: Bool { problems.contains { $0.severity == .error } }
    package var errors: [Problem] { Self.sorted(problems.filter { $0.severity == .error }) }
    var warnings: [Problem] { Self.sorted(problems.filter { $0.severity == .warning }) }

    private static func sorted(_ problems: [Problem]) -> [Problem] {
        problems.sorted {
            ($0.position ?? SourcePosition(line: 0, column: 0)) < ($1.position ?? .init(line: 0, column: 0))
        }
    }
}
