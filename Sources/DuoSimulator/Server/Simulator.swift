import FoundationEssentials
import NIOCore
import NIOPosix
import NIOSSL

/// A running Duo cloud: TLS on loopback, a control socket, and the `Cloud` behind both.
package final class Simulator: Sendable {
    package let cloud: Cloud
    package let port: Int
    package let integrationKey: String
    package let secretKey: String
    private let folder: StateFolder
    private let authority: Authority
    private let ledger: ConnectionLedger
    private let controlLedger: ConnectionLedger
    private let listeners: [any Channel]

    package var apiHost: String { "localhost:\(port)" }
    package var caFile: String { authority.caFile }
    package var controlPath: String { folder.controlPath }

    package static func start(_ options: SimulatorOptions = .init()) async throws -> Simulator {
        let folder = try StateFolder(options.stateDirectory)
        do {
            return try await Simulator(options, folder)
        } catch {
            folder.close()
            throw error
        }
    }

    private init(_ options: SimulatorOptions, _ folder: StateFolder) async throws {
        let authority = Authority(folder: folder.path)
        // Waits for openssl, so not on the cooperative pool.
        try await NIOThreadPool.singleton.runIfActive { try authority.prepare() }
        let ledger = ConnectionLedger()
        let controlLedger = ConnectionLedger()
        let cloud = Cloud(
            directory: options.directory,
            verifier: RequestVerifier(integrationKey: options.integrationKey, secretKey: options.secretKey),
            pushTimeout: options.pushTimeout, statusPolls: options.statusPolls, timeline: options.timeline,
            wallClock: { Int(Date().timeIntervalSince1970) }, ledger: ledger, auto: options.auto)
        let server = try CloudServer(cloud: cloud, ledger: ledger, authority: authority)
        let listeners = try await server.listen(port: options.port)
        self.folder = folder
        self.authority = authority
        self.ledger = ledger
        self.controlLedger = controlLedger
        self.cloud = cloud
        integrationKey = options.integrationKey
        secretKey = options.secretKey
        port = listeners.first?.localAddress?.port ?? 0
        do {
            let control = try await ControlServer(cloud: cloud, ledger: controlLedger).listen(path: folder.controlPath)
            self.listeners = listeners + [control]
        } catch {
            for listener in listeners { try? await listener.close() }
            throw error
        }
        await cloud.setAPIHost("localhost:\(port)")
    }

    /// Ends every connection, then the listeners. Safe to call twice.
    package func stop() async throws {
        for listener in listeners { try? await listener.close() }
        for channel in ledger.openChannels {
            channel.triggerUserOutboundEvent(TLSRecordCounter.Abort(), promise: nil)
            try? await channel.closeFuture.get()
        }
        for channel in controlLedger.openChannels { try? await channel.close() }
        folder.close()
    }
}
