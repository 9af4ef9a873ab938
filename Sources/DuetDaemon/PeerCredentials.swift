import Glibc
import NIOCore

/// Who is at the other end of a Unix socket, as the kernel says it (SO_PEERCRED): `struct ucred`, which Glibc's module
/// does not show.
struct PeerCredentials: Sendable {
    var pid: pid_t = 0
    /// Starts as a user that does not exist: what the kernel did not fill in is nobody.
    var uid: uid_t = .max
    var gid: gid_t = .max
}

extension Channel {
    /// Reads the credentials of the peer; fails on a channel that is no Unix socket.
    func peerCredentials() -> EventLoopFuture<PeerCredentials> {
        guard let provider = self as? any SocketOptionProvider else {
            return eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        // Sound: PeerCredentials has the layout of struct ucred (three 32-bit integers), which this option fills.
        return provider.unsafeGetSocketOption(level: .init(rawValue: SOL_SOCKET), name: .init(rawValue: SO_PEERCRED))
    }
}
