import FoundationEssentials
import Glibc
import Logging

/// A record as the host's log takes it.
extension AuditRecord {
    /// LOG_AUTHPRIV (syslog(3)): where logins belong.
    private static let facility = 10

    /// As in the daemon's own log.
    var text: [UInt8] {
        var text = LogText(room: 512)
        text.add(message)
        eachFact { key, value in
            text.add(UInt8(ascii: " "))
            text.add(key)
            text.add(UInt8(ascii: "="))
            text.add(quoted: value)
        }
        let cap = 4 * Self.textCap
        return text.bytes.count <= cap ? text.bytes : Array(text.string.capped(bytes: cap).utf8)
    }

    private static let pid = String(getpid())

    private var priority: Int { JournalLogHandler.priority(level.ofLogger) }

    /// The journal's fields by their names, but MESSAGE; docs/operations.md lists them.
    private func eachField(_ body: (_ name: StaticString, _ value: String) -> Void) {
        body("MESSAGE_ID", kind.messageID)
        body("PRIORITY", String(priority))
        body("SYSLOG_IDENTIFIER", "duetd")
        body("SYSLOG_FACILITY", String(Self.facility))
        body("SYSLOG_PID", Self.pid)
        body("DUET_LOGIN_ID", login)
        body("DUET_KIND", kind.rawValue)
        body("DUET_RESULT", result)
        body("DUET_REASON", reason)
        body("DUET_USER", user)
        if let duoUser { body("DUET_DUO_USER", duoUser) }
        body("DUET_SERVICE", service)
        if let rhost { body("DUET_RHOST", rhost) }
        if let tty { body("DUET_TTY", tty) }
        body("DUET_CALLER", String(caller))
        if let rule { body("DUET_RULE", rule) }
        if let factor { body("DUET_FACTOR", factor) }
        if let memory { body("DUET_REMEMBERED", memory) }
        if isTrial { body("DUET_TRIAL", "yes") }
        if let cause { body("DUET_CAUSE", cause) }
        body("DUET_BEGAN", Self.stamp(time.addingTimeInterval(-Double(milliseconds) / 1_000)))
        body("DUET_ENDED", Self.stamp(time))
        body("DUET_ELAPSED_MS", String(milliseconds))
    }

    /// One datagram of the journal's native protocol, with `text` as the message. Every value goes with its length before it, so that nothing in it
    /// can begin another field, and is capped, so that the whole fits a datagram (systemd.io/JOURNAL_NATIVE_PROTOCOL).
    func journalDatagram(_ text: [UInt8]) -> [UInt8] {
        var datagram = LogText(room: 2 * Self.textCap)
        datagram.add(field: "MESSAGE", text)
        eachField { datagram.add(field: $0, $1, cap: Self.textCap) }
        return datagram.bytes
    }

    /// One line for syslog, with `text` in it, as syslog(3) of the C library sends it (RFC 3164).
    func syslogLine(_ text: [UInt8]) -> [UInt8] {
        var seconds = time_t(time.timeIntervalSince1970)
        var parts = tm()
        localtime_r(&seconds, &parts)
        var stamp = [CChar](repeating: 0, count: 32)
        let count = strftime(&stamp, stamp.count, "%b %e %H:%M:%S", &parts)
        // Many a syslogd cuts at 1 KB (RFC 3164, 4.1): the facts come first, as in the journal.
        var line = LogText(room: text.count + 64)
        line.add(UInt8(ascii: "<"))
        line.add(Self.facility << 3 | priority, digits: 2)
        line.add(UInt8(ascii: ">"))
        line.add(stamp.prefix(count).map { UInt8(bitPattern: $0) })
        line.add(" duetd[")
        line.add(visible: Self.pid)
        line.add("]: ")
        line.add(text)
        return line.bytes
    }

    /// 2026-01-31T12:00:00.123Z. By the C library's calendar: Foundation's formatter costs 20 times as much.
    static func stamp(_ time: Date) -> String {
        let (seconds, milliseconds) = Int64((time.timeIntervalSince1970 * 1_000).rounded())
            .quotientAndRemainder(dividingBy: 1_000)
        // Before 1970 it would not be right, and never is.
        var clock = time_t(max(0, seconds))
        var parts = tm()
        gmtime_r(&clock, &parts)
        var text = LogText(room: 24)
        func add(_ number: Int32, _ digits: Int, _ after: UInt8) {
            text.add(Int(number), digits: digits)
            text.add(after)
        }
        add(parts.tm_year + 1_900, 4, UInt8(ascii: "-"))
        add(parts.tm_mon + 1, 2, UInt8(ascii: "-"))
        add(parts.tm_mday, 2, UInt8(ascii: "T"))
        add(parts.tm_hour, 2, UInt8(ascii: ":"))
        add(parts.tm_min, 2, UInt8(ascii: ":"))
        add(parts.tm_sec, 2, UInt8(ascii: "."))
        add(Int32(max(0, milliseconds)), 3, UInt8(ascii: "Z"))
        return text.string
    }
}
