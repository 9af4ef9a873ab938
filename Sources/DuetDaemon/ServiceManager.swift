package import Glibc

/// Tells systemd how the daemon is (sd_notify(3)), without libsystemd. Silent where nobody listens.
package struct ServiceManager: Sendable {
    private let path: String?
    /// How often systemd wants a sign of life: twice in the time after which it takes the daemon for dead
    /// (sd_watchdog_enabled(3)). nil: it does not.
    package let beat: Duration?

    package init(environment: [String: String], pid: pid_t = getpid()) {
        path = environment["NOTIFY_SOCKET"]
        let isMeant = environment["WATCHDOG_PID"].map { pid_t($0) == pid } ?? true
        let limit = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        beat = isMeant && limit > 0 ? .microseconds(limit / 2) : nil
    }

    package var isListening: Bool { path != nil }

    /// The daemon decides logins; also after a reload.
    package func ready(_ status: String) { notify("READY=1\n\(Self.line(status))") }

    /// The daemon lives, and how it is.
    package func alive(_ status: String) { notify("WATCHDOG=1\n\(Self.line(status))") }

    /// A reload begins; `ready` ends it. systemd asks for the time since version 253 (Type=notify-reload).
    package func reloading() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        notify("RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1_000)\nSTATUS=Reloading")
    }

    package func stopping() { notify("STOPPING=1\nSTATUS=Ending the logins in flight") }

    /// Text from outside must not become another assignment.
    private static func line(_ status: String) -> String {
        "STATUS=" + String(status.map { $0.isNewline ? " " : $0 })
    }

    private func notify(_ state: String) {
        guard let path, path.hasPrefix("/") || path.hasPrefix("@"), let address = UnixAddress(path) else { return }
        let socket = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return }
        defer { close(socket) }
        _ = address.withPointer { sendto(socket, state, state.utf8.count, Int32(MSG_NOSIGNAL), $0, $1) }
    }
}
