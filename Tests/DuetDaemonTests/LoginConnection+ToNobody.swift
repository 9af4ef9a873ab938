import DuetWire

@testable import DuetDaemon

extension LoginConnection {
    private static let loop = Result { try LoginLoop() }

    /// One of a login whose peer has hung up, on a loop that does not run.
    static func toNobody(_ begin: Begin) throws -> LoginConnection {
        LoginConnection(begin: begin, number: 0, socket: PeerSocket(-1), loop: try loop.get())
    }
}
