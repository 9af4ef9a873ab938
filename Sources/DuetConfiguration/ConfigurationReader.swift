/// Collects what is wrong while a document is read, so that every error is told at once.
final class ConfigurationReader {
    private let lines: [Substring]
    private(set) var problems: [Problem] = []

    init(text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    func report(_ message: String, at position: SourcePosition?, hint: String? = nil) {
        let excerpt = position.flatMap { lines.indices.contains($0.line - 1) ? String(lines[$0.line - 1]) : nil }
        problems.append(
            Problem(position: position, message: message, hint: hint, excerpt: excerpt.map(Self.withoutSecret)))
    }

    /// A line that assigns a secret is shown up to its equals sign, one with credentials in a URL up to them.
    private static func withoutSecret(_ line: String) -> String {
        if line.contains("@"), let scheme = line.firstRange(of: "://") { return line[..<scheme.upperBound] + "…" }
        guard let equals = line.firstIndex(of: "=") else { return line.contains("skey") ? "" : line }
        let key = line[..<equals]
        let isFile = key.contains("secret_key_file") || key.contains("proxy_file")
        return !isFile && ["secret", "skey", "proxy"].contains { key.contains($0) } ? key + "= …" : line
    }

    var sortedProblems: [Problem] {
        problems.sorted {
            ($0.position ?? SourcePosition(line: 0, column: 0)) < ($1.position ?? .init(line: 0, column: 0))
        }
    }
}
