import Glibc
import Synchronization

/// The host's log: the journal by its native protocol, else syslog.
package final class SystemLog: Sendable {
    /// Standard error is a stream to the journal: what the journal has taken need not be said there again.
    package let isStandardError: Bool
    private let journal: String
    private let syslog: String
    /// Kept: one for each record would cost as much as the record. -1: there is none yet.
    private let socket = Mutex<CInt>(-1)

    package init(
        isStandardError: Bool, journal: String = "/run/systemd/journal/socket", syslog: String = "/dev/log"
    ) {
        self.isStandardError = isStandardError
        self.journal = journal
        self.syslog = syslog
    }

    /// `stream` is $JOURNAL_STREAM: device and inode of the stream, which tell whether standard error still is it
    /// (systemd.exec(5)).
    package static func standardErrorIsJournal(_ stream: String?) -> Bool {
        var status = stat()
        guard let stream, fstat(STDERR_FILENO, &status) == 0 else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }

    /// Whether somebody has taken it. `text` is the record's own.
    func write(_ record: AuditRecord, _ text: [UInt8]) -> Bool {
        send(record.journalDatagram(text), to: journal) || send(record.syslogLine(text), to: syslog)
    }

    deinit { socket.withLock { if $0 >= 0 { close($0) } } }

    /// Waits for nobody: a log that is full is not read. To a path each time, and not connected: who listens there may be
    /// another than a moment ago.
    private func send(_ bytes: [UInt8], to path: String) -> Bool {
        guard let address = UnixAddress(path) else { return false }
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        return socket.withLock { socket in
            if socket < 0 { socket = Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0) }
            guard socket >= 0 else { return false }
            return address.withPointer { sendto(socket, bytes, bytes.count, flags, $0, $1) } == bytes.count
        }
    }
}
