import Glibc
import NIOCore
import NIOPosix

/// Answers control requests on a Unix socket that only its owner can reach.
struct ControlServer {
    let cloud: Cloud
    let ledger: ConnectionLedger

    func listen(path: String) async throws -> any Channel {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let number = ledger.open(channel) else { throw ChannelError.ioOnClosedChannel }
                    channel.closeFuture.whenComplete { _ in ledger.close(number) }
                    try channel.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(LineDecoder()), ControlHandler(cloud: cloud))
                }
            }
            .bind(unixDomainSocketPath: path).get()
        // The folder is 0700 already: nobody can slip in before this.
        chmod(path, 0o600)
        return channel
    }
}
