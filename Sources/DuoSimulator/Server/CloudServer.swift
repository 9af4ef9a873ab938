import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Listens with TLS on both loopback addresses.
struct CloudServer {
    private let cloud: Cloud
    private let ledger: ConnectionLedger
    private let tls: NIOSSLContext

    init(cloud: Cloud, ledger: ConnectionLedger, authority: Authority) throws {
        self.cloud = cloud
        self.ledger = ledger
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(authority.certificateFile).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: authority.keyFile, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        tls = try NIOSSLContext(configuration: configuration)
    }

    struct PortInUse: Error, CustomStringConvertible {
        var port: Int

        var description: String { "port \(port) is in use; give another --port, or 0 for any that is free" }
    }

    /// - Returns: the IPv4 listener, and the IPv6 one on the same port where the host has IPv6.
    func listen(port: Int) async throws -> [any Channel] {
        var attempts = 0
        while true {
            let first: any Channel
            do {
                first = try await bootstrap.bind(to: SocketAddress(ipAddress: "127.0.0.1", port: port)).get()
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                throw PortInUse(port: port)
            }
            do {
                // Not by way of the resolver: it does not know ::1 on a host whose other addresses are all IPv4 (AI_ADDRCONFIG).
                let port = first.localAddress?.port ?? port
                let second = try await bootstrap.bind(to: SocketAddress(ipAddress: "::1", port: port)).get()
                return [first, second]
            } catch let error as IOError where error.errnoCode == EADDRINUSE && port == 0 && attempts < 10 {
                // Somebody else has this port on ::1: clients of "localhost" would meet them.
                attempts += 1
                try await first.close()
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                try await first.close()
                throw PortInUse(port: port)
            } catch is IOError {
                return [first]
            }
        }
    }

    private var bootstrap: ServerBootstrap {
        ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try configure(channel) }
            }
    }

    private func configure(_ channel: any Channel) throws {
        guard let number = ledger.open(channel) else { throw ChannelError.ioOnClosedChannel }
        channel.closeFuture.whenComplete { _ in ledger.close(number) }
        let records = TLSRecordCounter()
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = RequestHandler.maximumHead
        limits.maxHeaderListSize = RequestHandler.maximumHead
        limits.maxHeaderFieldCount = 64
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
        try channel.pipeline.syncOperations.addHandlers(
            records, NIOSSLServerHandler(context: tls), HTTPResponseEncoder(), ByteToMessageHandler(decoder),
            RequestHandler(cloud: cloud, ledger: ledger, connection: number, records: records))
    }
}
