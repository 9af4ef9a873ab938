import DuetCommandLine
import DuetConfiguration
import DuetPolicy
import FoundationEssentials

/// What `duet config check` found: the same value for people and for machines.
struct ConfigCheckReport: Encodable {
    struct Item: Encodable {
        let severity: String
        let line: Int?
        let column: Int?
        let message: String
        let hint: String?
        let excerpt: String?
    }

    let file: String
    let ok: Bool
    let rules: Int?
    let problems: [Item]
    private let rendered: [String]

    private enum CodingKeys: String, CodingKey {
        case file, ok, rules, problems
    }

    init(path: String) {
        var found: [Problem]
        do {
            let configuration = try Configuration.load(path: path)
            (ok, rules, found) = (true, configuration.policy.rules.count, configuration.warnings)
        } catch {
            (ok, rules, found) = (false, nil, error.problems + error.warnings)
        }
        found.sort {
            ($0.position?.line ?? 0, $0.position?.column ?? 0) < ($1.position?.line ?? 0, $1.position?.column ?? 0)
        }
        file = path
        rendered = found.map { $0.rendered(path: path) }
        problems = found.map {
            Item(
                severity: $0.severity.rawValue, line: $0.position?.line, column: $0.position?.column,
                message: $0.message, hint: $0.hint, excerpt: $0.excerpt)
        }
    }

    var status: ExitStatus {
        if !ok { return .down }
        return problems.isEmpty ? .healthy : .degraded
    }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    var text: String {
        let errors = problems.count { $0.severity == Problem.Severity.error.rawValue }
        let counts = [(errors, "error"), (problems.count - errors, "warning")].filter { $0.0 > 0 }
            .map { "\($0) \($1)\($0 == 1 ? "" : "s")" }.joined(separator: " and ")
        let verdict =
            switch status {
            case .healthy: "\(file) stands: " + (rules == 1 ? "1 rule" : "\(rules ?? 0) rules")
            case .degraded: "\(file) stands, with \(counts)"
            case .down: "\(file) does not stand: \(counts)"
            }
        return (rendered + [verdict]).joined(separator: "\n")
    }
}
