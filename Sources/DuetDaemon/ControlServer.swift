import DuetWire
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Answers `duet` on the control socket: one request for a connection.
struct ControlServer: Service {
    private static let patience = Duration.seconds(5)
    /// Connections at once.
    private static let most = 64

    let socket: ListeningSocket
    let group: any EventLoopGroup
    let ready: @Sendable () -> Void
    let answer: @Sendable (ControlRequest, PeerCredentials) -> ControlDesk.Answer

    private final class Count: Sendable {
        let value = Atomic(0)
    }

    private struct Connection: Sendable {
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        let peer: PeerCredentials
    }

    func run() async throws {
        let server = try await bind()
        defer { socket.remove() }
        ready()
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await server.executeThenClose { connections in
                let open = Count()
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in connections {
                        // Each costs a descriptor that a login may need.
                        let isOneTooMany = open.value.wrappingAdd(1, ordering: .relaxed).newValue > Self.most
                        group.addTask {
                            // A channel that is let go without this ends the process.
                            if isOneTooMany {
                                try? await connection.channel.executeThenClose { _, _ in }
                            } else {
                                await serve(connection)
                            }
                            open.value.wrappingSubtract(1, ordering: .relaxed)
                        }
                    }
                }
            }
        } onCancelOrGracefulShutdown: {
            server.channel.close(promise: nil)
        }
    }

    private func bind() async throws -> NIOAsyncChannel<Connection, Never> {
        let bootstrap = ServerBootstrap(group: group).serverChannelOption(.backlog, value: 64)
        let wrap: @Sendable (any Channel) -> EventLoopFuture<Connection> = { channel in
            channel.peerCredentials().flatMapThrowing { peer in
                Connection(channel: try NIOAsyncChannel(wrappingChannelSynchronously: channel), peer: peer)
            }
        }
        return try await socket.bind(bootstrap, mode: 0o660, childChannelInitializer: wrap)
    }

    /// One request, one answer, then the connection is closed; a peer that is slow or malformed gets no answer.
    private func serve(_ connection: Connection) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await connection.channel.executeThenClose { inbound, outbound in
                    var parser = FrameParser<ControlRequest>()
                    for try await bytes in inbound {
                        parser.append(bytes.readableBytesView)
                        guard let request = try parser.next() else { continue }
                        let (status, document) = answer(request, connection.peer)
                        for piece in ControlReply.pieces(of: document, status: status) {
                            try await outbound.write(ByteBuffer(bytes: try piece.frame().bytes))
                        }
                        break
                    }
                }
            }
            group.addTask { try? await Task.sleep(for: Self.patience) }
            await group.next()
            group.cancelAll()
        }
    }
}
