import DuetWire
import FoundationEssentials

/// How a trial ended: the same value for people and for machines.
struct TrialReport: Encodable {
    let result: String
    let reason: String
    let login: String
    /// What the daemon has written down of it.
    let record: HistoryReport.Entry?

    init(_ verdict: Verdict, record: HistoryReport.Entry?) {
        result = "\(verdict.result)"
        reason = verdict.reason
        login = verdict.login
        self.record = record
        colour = verdict.result == .allow ? .green : .red
    }

    private let colour: Paint

    private enum CodingKeys: String, CodingKey {
        case result, reason, login, record
    }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    var text: String {
        let rows = [
            ("verdict", colour(result)), ("reason", reason), ("rule", record?.rule), ("factor", record?.factor),
            ("Duo user", record?.duoUser), ("took", record.map { "\($0.milliseconds) ms" }), ("cause", record?.cause),
            ("login", "\(login), in the journal and in Duo's log"),
        ]
        let table = Table.text(rows.compactMap { name, text in text.map { [name, $0] } })
        return table + "\nThis was a trial: nobody has logged in, and nothing is remembered."
    }
}
