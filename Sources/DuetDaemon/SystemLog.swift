import Glibc
import Synchronization

/// The host's log: the journal by its native protocol, else syslog.
package final class SystemLog: Sendable {
    /// Standard error is a stream to the journal: what the journal has taken need not be said there again.
    package let isStandardError: Bool
    private let journal: Listener
    private let syslog: Listener
    /// Kept: one for each record would cost as much as the record. -1: there is none yet.
    private let socket = Mutex<CInt>(-1)

    /// Somebody who may listen at a path, or may not.
    private final class Listener: Sendable {
        /// Where nobody listened a moment ago, no record is made for them.
        private static let absence = Duration.milliseconds(100)

        let path: String
        private let absentUntil = Mutex<ContinuousClock.Instant?>(nil)

        init(_ path: String) {
            self.path = path
        }

        var isAbsent: Bool { absentUntil.withLock { $0.map { ContinuousClock.now < $0 } ?? false } }

        func note(isAbsent: Bool) {
            absentUntil.withLock { $0 = isAbsent ? .now + Self.absence : nil }
        }
    }

    package init(
        isStandardError: Bool, journal: String = "/run/systemd/journal/socket", syslog: String = "/dev/log"
    ) {
        self.isStandardError = isStandardError
        self.journal = Listener(journal)
        self.syslog = Listener(syslog)
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
        send(to: journal) { record.journalDatagram(text) } || send(to: syslog) { record.syslogLine(text) }
    }

    deinit { socket.withLock { if $0 >= 0 { close($0) } } }

    /// Waits for nobody: a log that is full is not read. To a path each time, and not connected: who listens there may be
    /// another than a moment ago.
    private func send(to listener: Listener, _ bytes: () -> [UInt8]) -> Bool {
        guard !listener.isAbsent, let address = UnixAddress(listener.path) else { return false }
        let bytes = bytes()
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        return socket.withLock { socket in
            if socket < 0 { socket = Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0) }
            guard socket >= 0 else { return false }
            let isTaken = address.withPointer { sendto(socket, bytes, bytes.count, flags, $0, $1) } == bytes.count
            listener.note(isAbsent: !isTaken && (errno == ENOENT || errno == ECONNREFUSED))
            return isTaken
        }
    }
}
