import DuetWire

/// The rows of `duet history`.
enum HistoryText {
    static let head = ["ENDED", "USER", "SERVICE", "FROM", "RESULT", "REASON", "FACTOR", "RULE", "TOOK", "ID"]

    static func row(_ entry: HistoryReport.Entry) -> [String] {
        [
            LocalTime.text(iso8601: entry.time), entry.user, entry.service, from(entry.rhost, entry.tty),
            entry.isTrial ? "\(entry.result) (trial)" : entry.result, entry.reason, entry.factor ?? "-",
            entry.rule ?? "-", took(entry), entry.id,
        ]
    }

    static func details(_ entry: HistoryReport.Entry) -> [[String]] {
        var rows = [
            ["login", entry.id + (entry.isTrial ? ", a trial: nobody has logged in" : "")],
            ["ended", "\(LocalTime.text(iso8601: entry.time)), after \(took(entry))"],
            ["user", entry.user + (entry.duoUser.map { ", at Duo \($0)" } ?? "")], ["service", entry.service],
            ["from", from(entry.rhost, entry.tty)], ["caller", "uid \(entry.caller)"],
            ["result", "\(entry.result), \(entry.reason)"],
        ]
        let others = [
            ("rule", entry.rule), ("factor", entry.factor), ("memory", entry.memory), ("cause", entry.cause),
        ]
        rows += others.compactMap { name, text in text.map { [name, $0] } }
        return rows
    }

    /// What the list does not show, and where it is.
    static func leftOut(_ report: HistoryReport) -> [String] {
        var lines: [String] = []
        if report.matching > report.logins.count {
            lines.append("The last \(report.logins.count) of \(report.matching) that fit are shown: see --limit.")
        }
        if report.total > report.kept {
            lines.append(
                "\(report.total - report.kept) older ones are no longer in duetd's memory: journalctl -u duetd")
        }
        return lines
    }

    static func from(_ rhost: String?, _ tty: String?) -> String {
        rhost ?? tty ?? "-"
    }

    private static func took(_ entry: HistoryReport.Entry) -> String {
        entry.milliseconds < 10_000
            ? "\((Double(entry.milliseconds) / 100).rounded() / 10) s" : "\(entry.milliseconds / 1_000) s"
    }
}
