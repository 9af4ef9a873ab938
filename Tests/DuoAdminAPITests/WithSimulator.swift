import DuoSimulator
import FoundationEssentials
import Secrets
import Testing

@testable import DuoAPI
@testable import DuoAdminAPI

/// A simulated Duo, an Admin API that talks to it, and the end of both.
func withSimulator(
    _ version: SignatureVersion = .v2, _ body: (Simulator, AdminAPI) async throws -> Void
) async throws {
    let simulator = try await Simulator.start()
    do {
        try await body(simulator, try AdminAPI(simulator, .admin, version))
        try await simulator.stop()
    } catch {
        try await simulator.stop()
        throw error
    }
}

extension AdminAPI {
    /// With the simulator's keys for the kind, or those of `keys`.
    init(
        _ simulator: Simulator, _ kind: APIKind, _ version: SignatureVersion = .v2, keysOf keys: APIKind? = nil
    ) throws {
        guard let host = APIHost(simulator.apiHost) else { throw NoHost() }
        let credentials =
            switch keys ?? kind {
            case .auth: (simulator.integrationKey, simulator.secretKey)
            case .admin: (RequestVerifier.adminIntegrationKey, RequestVerifier.adminSecretKey)
            case .accounts: (RequestVerifier.accountsIntegrationKey, RequestVerifier.accountsSecretKey)
            }
        let application = SignedAPI(
            host: host,
            credentials: Credentials(integrationKey: credentials.0, secretKey: Secret(credentials.1)),
            transport: try Transport(TransportOptions(caFile: simulator.caFile)),
            clock: DuoClock { Int64(Date().timeIntervalSince1970) }, signatureVersion: version)
        self.init(application, kind: kind)
    }

    private struct NoHost: Error {}

    func change(_ call: APICall) async throws -> JSONValue { try await send(call).response }
}

extension Secret {
    var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }
}

/// `Issue.record` without its result, for `guard … else { return fail("…") }`.
func fail(_ what: String, at location: SourceLocation = #_sourceLocation) {
    Issue.record("\(what)", sourceLocation: location)
}
