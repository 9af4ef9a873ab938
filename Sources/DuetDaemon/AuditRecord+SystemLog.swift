import FoundationEssentials
import Glibc
import Logging

/// A record as the host's log takes it.
extension AuditRecord {
    /// LOG_AUTHPRIV (syslog(3)): where logins belong.
    private static let facility = 10

    /// As in the daemon's own log.
    var text: String { JournalLogHandler.text(Self.message.description, facts).capped(bytes: 4 * Self.textCap) }
    private static let pid = String(getpid())

    private var priority: Int {
        switch level {
        case .notice: JournalLogHandler.priority(.notice)
        case .error: JournalLogHandler.priority(.error)
        case .critical: JournalLogHandler.priority(.critical)
        }
    }

    /// The journal's fields by their names; docs/operations.md lists them.
    var journalFields: [(name: String, value: String)] {
        let began = time.addingTimeInterval(-Double(milliseconds) / 1_000)
        let fields: [(String, String?)] = [
            ("MESSAGE", text), ("MESSAGE_ID", kind.messageID), ("PRIORITY", "\(priority)"),
            ("SYSLOG_IDENTIFIER", "duetd"), ("SYSLOG_FACILITY", "\(Self.facility)"), ("SYSLOG_PID", Self.pid),
            ("DUET_LOGIN_ID", login), ("DUET_KIND", kind.rawValue), ("DUET_RESULT", result), ("DUET_REASON", reason),
            ("DUET_USER", user), ("DUET_DUO_USER", duoUser), ("DUET_SERVICE", service), ("DUET_RHOST", rhost),
            ("DUET_TTY", tty), ("DUET_CALLER", "\(caller)"), ("DUET_RULE", rule), ("DUET_FACTOR", factor),
            ("DUET_REMEMBERED", memory), ("DUET_TRIAL", isTrial ? "yes" : nil), ("DUET_CAUSE", cause),
            ("DUET_BEGAN", Self.stamp(began)),
            ("DUET_ENDED", Self.stamp(time)), ("DUET_ELAPSED_MS", "\(milliseconds)"),
        ]
        return fields.compactMap { name, value in value.map { (name, $0) } }
    }

    /// One datagram of the journal's native protocol. Every value goes with its length before it, so that nothing in it
    /// can begin another field, and is capped, so that the whole fits a datagram (systemd.io/JOURNAL_NATIVE_PROTOCOL).
    var journalDatagram: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 * Self.textCap)
        for (name, value) in journalFields {
            let cap = name == "MESSAGE" ? 4 * Self.textCap : Self.textCap
            let value = JournalLogHandler.visible(value).capped(bytes: cap)
            bytes.append(contentsOf: name.utf8)
            bytes.append(0x0A)
            withUnsafeBytes(of: UInt64(value.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: value.utf8)
            bytes.append(0x0A)
        }
        return bytes
    }

    /// One line for syslog, as syslog(3) of the C library sends it (RFC 3164).
    var syslogLine: String {
        var seconds = time_t(time.timeIntervalSince1970)
        var parts = tm()
        localtime_r(&seconds, &parts)
        var stamp = [CChar](repeating: 0, count: 32)
        let count = strftime(&stamp, stamp.count, "%b %e %H:%M:%S", &parts)
        let when = String(decoding: stamp.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // Many a syslogd cuts at 1 KB (RFC 3164, 4.1): the facts come first, as in the journal.
        return "<\(Self.facility << 3 | priority)>\(when) duetd[\(getpid())]: \(text)"
    }

    /// 2026-01-31T12:00:00.123Z. By the C library's calendar: Foundation's formatter costs 20 times as much.
    static func stamp(_ time: Date) -> String {
        let (seconds, milliseconds) = Int64((time.timeIntervalSince1970 * 1_000).rounded())
            .quotientAndRemainder(dividingBy: 1_000)
        // Before 1970 it would not be right, and never is.
        var clock = time_t(max(0, seconds))
        var parts = tm()
        gmtime_r(&clock, &parts)
        var text = ""
        text.reserveCapacity(24)
        func add(_ number: Int, _ digits: Int, _ after: String) {
            let plain = String(number)
            for _ in plain.utf8.count..<max(digits, plain.utf8.count) { text += "0" }
            text += plain
            text += after
        }
        add(Int(parts.tm_year) + 1_900, 4, "-")
        add(Int(parts.tm_mon) + 1, 2, "-")
        add(Int(parts.tm_mday), 2, "T")
        add(Int(parts.tm_hour), 2, ":")
        add(Int(parts.tm_min), 2, ":")
        add(Int(parts.tm_sec), 2, ".")
        add(Int(max(0, milliseconds)), 3, "Z")
        return text
    }
}
