import DuetWire
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Answers `duet` on the control socket: one request for a connection.
struct ControlServer: Service {
    private static let patience = Duration.seconds(5)
    /// Connections at once.
    private static let most = 64

    let socket: ListeningSocket
    let group: any EventLoopGroup
    let ready: @Sendable () -> Void
    let answer: @Sendable (ControlRequest, PeerCredentials) -> ControlDesk.Answer

    private struct Connection: Sendable {
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        let peer: PeerCredentials
    }

    func run() async throws {
        let server = try await bind()
        defer { socket.remove() }
        ready()
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await server.serveFew(most: Self.most, patience: Self.patience, stream: \.channel) {
                connection, inbound, outbound in
                try await serve(connection.peer, inbound, outbound)
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
    private func serve(
        _ peer: PeerCredentials, _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        var parser = FrameParser<ControlRequest>()
        for try await bytes in inbound {
            parser.append(bytes.readableBytesView)
            guard let request = try parser.next() else { continue }
            let (status, document) = answer(request, peer)
            for piece in ControlReply.pieces(of: document, status: status) {
                try await outbound.write(ByteBuffer(bytes: try piece.frame().bytes))
            }
            break
        }
    }
}
