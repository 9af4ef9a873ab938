import Glibc

/// Tells systemd how the daemon is (sd_notify(3)), without libsystemd. Silent where nobody listens.
package struct ServiceManager: Sendable {
    private let path: String?

    package init(environment: [String: String]) {
        path = environment["NOTIFY_SOCKET"]
    }

    /// For example `READY=1\nSTATUS=…`.
    package func notify(_ state: String) {
        guard let path, path.hasPrefix("/") || path.hasPrefix("@"), let address = UnixAddress(path) else { return }
        let socket = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return }
        defer { close(socket) }
        _ = address.withPointer { sendto(socket, state, state.utf8.count, Int32(MSG_NOSIGNAL), $0, $1) }
    }
}
