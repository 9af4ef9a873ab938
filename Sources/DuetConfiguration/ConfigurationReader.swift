/// Collects what is wrong while a document is read, so that every error is told at once.
final class ConfigurationReader {
    private let lines: [Substring]
    private(set) var problems: [Problem] = []

    init(text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// What several applications inherit from `[duo]` is read, and found wrong, more than once: it is told once.
    func report(
        _ message: String, at position: SourcePosition?, hint: String? = nil, severity: Problem.Severity = .error
    ) {
        let excerpt = position.flatMap { lines.indices.contains($0.line - 1) ? String(lines[$0.line - 1]) : nil }
        let problem = Problem(
            position: position, message: Self.printable(message), hint: hint.map(Self.printable),
            excerpt: excerpt.map(Self.withoutSecret), severity: severity)
        if !problems.contains(problem) { problems.append(problem) }
    }

    /// A line that assigns a secret is shown up to its equals sign, one with credentials in a URL up to them.
    private static func withoutSecret(_ line: String) -> String {
        if line.contains("@"), let scheme = line.firstRange(of: "://") { return line[..<scheme.upperBound] + "…" }
        guard let equals = line.firstIndex(of: "=") else { return line.contains("skey") ? "" : line }
        let key = line[..<equals]
        let isFile = key.contains("secret_key_file") || key.contains("proxy_file")
        return !isFile && ["secret", "skey", "proxy"].contains { key.contains($0) } ? key + "= …" : line
    }

    /// TOML has escapes for control characters, and a message goes to terminals and logs.
    private static func printable(_ text: String) -> String {
        var printable = ""
        for scalar in text.unicodeScalars { printable += String(scalar).isPlainLine ? String(scalar) : "?" }
        return printable
    }

    var hasErrors: Bool { problems.contains { $0.severity == .error } }
    var errors: [Problem] { Self.sorted(problems.filter { $0.severity == .error }) }
    var warnings: [Problem] { Self.sorted(problems.filter { $0.severity == .warning }) }

    private static func sorted(_ problems: [Problem]) -> [Problem] {
        problems.sorted {
            ($0.position ?? SourcePosition(line: 0, column: 0)) < ($1.position ?? .init(line: 0, column: 0))
        }
    }
}
