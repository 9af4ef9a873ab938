import DuetConfiguration
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Answers Prometheus on a port of the loopback, where the configuration names one. Everybody on this host may ask.
struct MetricsServer: Service {
    /// From the first byte to the last.
    private static let patience = Duration.seconds(5)
    /// Connections at once.
    private static let most = 8
    /// Until a port that somebody else has is tried again.
    private static let pause = Duration.seconds(10)

    /// Where to listen from now on; nil: nowhere.
    let addresses: AsyncStream<MetricsSettings.Address?>
    let group: any EventLoopGroup
    let logger: Logger
    let page: @Sendable () -> String

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var next = addresses.makeAsyncIterator()
            guard var address = await next.next() else { return }
            while !Task.isCancelled {
                await withDiscardingTaskGroup { group in
                    if let address { group.addTask { await listen(address) } }
                    let before = address
                    // A reload that changes nothing here interrupts no scrape.
                    while address == before {
                        guard let changed = await next.next() else { break }
                        address = changed
                    }
                    group.cancelAll()
                }
            }
        }
    }

    /// Until it is cancelled. A port that cannot be had is said once, and keeps nobody from logging in.
    private func listen(_ address: MetricsSettings.Address) async {
        var hasComplained = false
        while !Task.isCancelled {
            do {
                let server = try await bind(address)
                logger.notice("metrics", metadata: ["host": "\(address.host)", "port": "\(address.port)"])
                try await server.serveFew(most: Self.most, patience: Self.patience, stream: { $0 }) {
                    try await answer($1, $2)
                }
            } catch {
                guard !Task.isCancelled else { return }
                if !hasComplained {
                    logger.error(
                        "the port for metrics cannot be had; it is tried again",
                        metadata: ["host": "\(address.host)", "port": "\(address.port)", "cause": "\(error)"])
                }
                hasComplained = true
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func bind(
        _ address: MetricsSettings.Address
    ) async throws -> NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never> {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 16)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(to: try SocketAddress(ipAddress: address.host, port: address.port)) { channel in
                channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
            }
    }

    /// One request, one answer, then the connection is closed.
    private func answer(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        var request: [UInt8] = []
        for try await bytes in inbound {
            request += bytes.readableBytesView
            guard let response = MetricsRequest(request).response(page) else { continue }
            try await outbound.write(ByteBuffer(bytes: response))
            break
        }
    }
}
