package import DuetPolicy

/// The table `[log]`: where decisions are written besides the host's log.
package struct LogSettings: Sendable, Equatable {
    /// A file that gets one line of JSON for each decision.
    package var auditFile: String?

    package init(auditFile: String? = nil) {
        self.auditFile = auditFile
    }

    package var settings: [Setting.Entry] { auditFile.map { [.init("audit_file", .text($0))] } ?? [] }
}

extension LogSettings {
    /// PATH_MAX without its end.
    private static let pathCap = 4_095

    init(_ table: TableReader) {
        table.refuseUnknown(known: ["audit_file"], foreign: ["level": "duetd --debug logs more"])
        guard let path = table.line("audit_file", cap: Self.pathCap) else { return }
        guard path.hasPrefix("/"), !path.hasSuffix("/") else {
            table.refuse(
                "audit_file", "must be the absolute path of a file",
                hint: "duetd.service may write into /var/log/duet: audit_file = \"/var/log/duet/audit.jsonl\"")
            return
        }
        auditFile = path
    }
}
