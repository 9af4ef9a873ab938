import Glibc

/// Tells systemd how the daemon is (sd_notify(3)), without libsystemd. Silent where nobody listens.
package struct ServiceManager: Sendable {
    private let path: String?

    package init(environment: [String: String]) {
        path = environment["NOTIFY_SOCKET"]
    }

    /// For example `READY=1\nSTATUS=…`.
    package func notify(_ state: String) {
        guard let path, path.hasPrefix("/") || path.hasPrefix("@") else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = path.hasPrefix("@") ? [0] + path.utf8.dropFirst() : Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room -> Bool in
            guard name.count < room.count else { return false }
            room.copyBytes(from: name)
            return true
        }
        let socket = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard fits, socket >= 0 else { return }
        defer { close(socket) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(socket, state, state.utf8.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }
}
