import FoundationEssentials

/// What `duet doctor` found: the same value for people and for machines.
struct DoctorReport: Encodable {
    /// Codes above are taken by shells: 126, 127 and signals.
    private static let exitCap = 125

    let failures: Int
    let warnings: Int
    let findings: [Finding]

    init(_ findings: [Finding]) {
        self.findings = findings
        failures = findings.count { $0.result == .failure }
        warnings = findings.count { $0.result == .warning }
    }

    var exitCode: Int32 { Int32(min(failures, Self.exitCap)) }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    var text: String {
        let width = findings.map(\.check.count).max() ?? 0
        let margin = "\n" + String(repeating: " ", count: width + 8)
        var lines = findings.map { finding in
            let name = finding.check + String(repeating: " ", count: width - finding.check.count)
            let text = finding.text.replacing("\n", with: margin)
            let mend = finding.mend.map { margin + "→ " + $0.replacing("\n", with: margin + "  ") } ?? ""
            return "\(Self.word(finding.result))  \(name)  \(text)\(mend)"
        }
        lines.append(
            failures + warnings == 0
                ? "nothing to mend"
                : "\(failures) failure\(failures == 1 ? "" : "s"), \(warnings) warning\(warnings == 1 ? "" : "s")")
        return lines.joined(separator: "\n")
    }

    private static func word(_ result: Finding.Result) -> String {
        switch result {
        case .ok: Paint.green("ok  ")
        case .warning: Paint.yellow("warn")
        case .failure: Paint.red("FAIL")
        case .skipped: "skip"
        }
    }
}
