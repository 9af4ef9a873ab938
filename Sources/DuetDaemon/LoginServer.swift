import DuetWire
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Serves logins on the login socket, and who is only said to be coming: one task for each, for root alone.
struct LoginServer: Service {
    /// How long a daemon that stops waits for those who have connected and not said yet who they are.
    private static let lastWords = TimeAmount.seconds(1)

    let socket: ListeningSocket
    let group: any EventLoopGroup
    let registry: LoginRegistry
    let logger: Logger
    let ready: @Sendable () -> Void
    let serve: @Sendable (LoginConnection) async -> Void
    let prefetch: @Sendable (Begin) async -> Void

    private enum Arrival: Sendable {
        case login(LoginConnection)
        case prefetch(Begin)
    }

    /// Every login on one event loop and its thread: a second one would have to be woken for each.
    func run() async throws {
        let loop = group.next()
        try await withTaskExecutorPreference(LoopExecutor(loop)) { try await run(on: loop) }
    }

    private func run(on loop: any EventLoop) async throws {
        let (arrivals, feed) = AsyncStream.makeStream(of: Arrival.self)
        let accepted = AcceptedConnections()
        let channel = try await bind(loop, accepted) { feed.yield($0) }
        defer { socket.remove() }
        ready()
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { logins in
                for await arrival in arrivals {
                    switch arrival {
                    case .login(let connection): logins.addTask { await serve(connection) }
                    // Nobody waits for it, and a daemon that stops does not either.
                    case .prefetch(let begin):
                        logins.addTask { await cancelWhenGracefulShutdown { await prefetch(begin) } }
                    }
                }
            }
        } onCancelOrGracefulShutdown: {
            registry.stop()
            // Who has been accepted is told that the daemon stops; who has not waits in systemd's socket for the next one.
            channel.close().whenComplete { _ in
                accepted.whenNone { feed.finish() }
                channel.eventLoop.scheduleTask(in: Self.lastWords) { feed.finish() }
            }
        }
    }

    private func bind(
        _ loop: any EventLoop, _ accepted: AcceptedConnections, _ arrived: @escaping @Sendable (Arrival) -> Void
    ) async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelInitializer { [logger] channel in
                accepted.add(channel)
                return channel.peerCredentials().flatMapThrowing { peer in
                    guard peer.uid == 0 else {
                        logger.debug("login refused: the peer is not root", metadata: ["uid": "\(peer.uid)"])
                        throw ChannelError.inputClosed
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        LoginChannelHandler(begun: { arrived(.login($0)) }, coming: { arrived(.prefetch($0)) }))
                }
            }
        return try await socket.bind(bootstrap, mode: 0o600)
    }
}
