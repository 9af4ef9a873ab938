package import Glibc
import NIOCore
import NIOPosix

/// A Unix socket to listen on: adopted from systemd, or bound by the daemon itself.
package enum ListeningSocket: Sendable, Equatable {
    case adopted(CInt)
    case path(String)

    /// What systemd passed under `name` (`FileDescriptorName=`), else `path`. `environment` is the process's own;
    /// `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES` as in sd_listen_fds(3).
    package static func named(
        _ name: String, orPath path: String, environment: [String: String], pid: pid_t = getpid()
    ) -> ListeningSocket {
        guard environment["LISTEN_PID"].flatMap({ pid_t($0) }) == pid,
            let count = environment["LISTEN_FDS"].flatMap({ Int($0) }), (1...16).contains(count)
        else { return .path(path) }
        let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
        guard let index = names.firstIndex(of: Substring(name)), index < count else { return .path(path) }
        return .adopted(CInt(3 + index))
    }

    /// Removes a socket file that nobody listens on any more. One that answers is left alone: binding will then fail.
    private func removeStale() {
        guard case .path(let path) = self, let address = UnixAddress(path) else { return }
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return }
        defer { close(socket) }
        let status = address.withPointer { connect(socket, $0, $1) }
        if status != 0 && errno == ECONNREFUSED { unlink(path) }
    }
}

extension ListeningSocket {
    /// Listens. A socket that the daemon binds itself gets `mode` before anyone can connect: the process runs with a
    /// umask that leaves it to its owner alone until then. The descriptor does not block; whoever gets it closes it.
    func listen(mode: mode_t) throws -> CInt {
        removeStale()
        switch self {
        case .adopted(let descriptor):
            let flags = fcntl(descriptor, F_GETFL)
            // systemd listens already; once more, because SO_PEERCRED tells the module who listened last, and that has to be
            // this process: the module believes no daemon of another user.
            guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0,
                Glibc.listen(descriptor, Self.backlog) == 0
            else {
                throw BindError(path: "descriptor \(descriptor)", errno: errno)
            }
            return descriptor
        case .path(let path):
            guard let address = UnixAddress(path) else { throw BindError(path: path, errno: ENAMETOOLONG) }
            let flags = CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
            let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | flags, 0)
            guard descriptor >= 0, address.withPointer({ Glibc.bind(descriptor, $0, $1) }) == 0,
                Glibc.listen(descriptor, Self.backlog) == 0
            else {
                let error = BindError(path: path, errno: errno)
                if descriptor >= 0 { close(descriptor) }
                throw error
            }
            guard chmod(path, mode) == 0 else {
                let error = BindError(path: path, errno: errno)
                close(descriptor)
                throw error
            }
            return descriptor
        }
    }

    /// The same on an event loop.
    func bind<Connection: Sendable>(
        _ bootstrap: ServerBootstrap, mode: mode_t,
        childChannelInitializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Connection>
    ) async throws -> NIOAsyncChannel<Connection, Never> {
        try await bootstrap.bind(listen(mode: mode), childChannelInitializer: childChannelInitializer)
    }

    /// How many may have connected and not been accepted yet.
    private static let backlog: CInt = 1_024

    /// Takes the file of a socket that the daemon bound itself away again.
    func remove() {
        if case .path(let path) = self { unlink(path) }
    }
}

/// A socket that the daemon cannot listen on.
struct BindError: Error, CustomStringConvertible {
    let path: String
    let errno: CInt

    var description: String {
        switch errno {
        case EADDRINUSE: "another duetd listens on \(path): stop it first"
        case ENOENT: "cannot listen on \(path): its folder does not exist; make it, owned by root, mode 0755"
        default: "cannot listen on \(path): \(String(cString: strerror(errno)))"
        }
    }
}
