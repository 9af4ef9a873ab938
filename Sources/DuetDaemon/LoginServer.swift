import DuetWire
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Serves logins on the login socket: one task for each, for root alone.
struct LoginServer: Service {
    let socket: ListeningSocket
    let group: any EventLoopGroup
    let registry: LoginRegistry
    let logger: Logger
    let ready: @Sendable () -> Void
    let serve: @Sendable (LoginConnection) async -> Void

    func run() async throws {
        let (connections, feed) = AsyncStream.makeStream(of: LoginConnection.self)
        let channel = try await bind { feed.yield($0) }
        defer { socket.remove() }
        ready()
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { logins in
                for await connection in connections { logins.addTask { await serve(connection) } }
            }
        } onCancelOrGracefulShutdown: {
            channel.close(promise: nil)
            feed.finish()
            registry.stop()
        }
    }

    private func bind(_ begun: @escaping @Sendable (LoginConnection) -> Void) async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelInitializer { [logger] channel in
                channel.peerCredentials().flatMapThrowing { peer in
                    guard peer.uid == 0 else {
                        logger.debug("login refused: the peer is not root", metadata: ["uid": "\(peer.uid)"])
                        throw ChannelError.inputClosed
                    }
                    try channel.pipeline.syncOperations.addHandler(LoginChannelHandler(begun: begun))
                }
            }
        return try await socket.bind(bootstrap, mode: 0o600)
    }
}
