import DuoSimulator
import FoundationEssentials
import Secrets
import Testing

@testable import DuoAPI

/// A simulated Duo, an API that talks to it, and the end of both.
func withSimulator(
    _ options: SimulatorOptions = SimulatorOptions(), transport: TransportOptions = TransportOptions(),
    signatureVersion: SignatureVersion = .v2, _ body: (Simulator, AuthAPI) async throws -> Void
) async throws {
    let simulator = try await Simulator.start(options)
    do {
        try await body(simulator, try AuthAPI(simulator, transport, signatureVersion: signatureVersion))
        try await simulator.stop()
    } catch {
        try await simulator.stop()
        throw error
    }
}

extension AuthAPI {
    /// With the simulator's keys and authority, on a transport of its own.
    init(
        _ simulator: Simulator, _ options: TransportOptions = TransportOptions(), secretKey: String? = nil,
        clockIsOffBy seconds: Int64 = 0, signatureVersion: SignatureVersion = .v2
    ) throws {
        var options = options
        options.caFile = simulator.caFile
        guard let host = APIHost(simulator.apiHost) else { throw NoHost() }
        self.init(
            host: host,
            credentials: Credentials(
                integrationKey: simulator.integrationKey, secretKey: Secret(secretKey ?? simulator.secretKey)),
            transport: try Transport(options),
            clock: DuoClock { Int64(Date().timeIntervalSince1970) + seconds }, signatureVersion: signatureVersion)
    }

    private struct NoHost: Error {}
}

extension LoginFacts {
    static func user(_ name: String) -> LoginFacts { LoginFacts(user: .username(name)) }
}

extension Cloud {
    /// Requests to the endpoint so far.
    func count(_ endpoint: String) -> Int { requests().filter { $0.path == "/auth/v2/\(endpoint)" }.count }

    /// Waits until `condition` holds, at most two seconds; false if it never did.
    func reaches(_ condition: @Sendable (isolated Cloud) -> Bool) async throws -> Bool {
        for _ in 0..<200 {
            if condition(self) { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return condition(self)
    }
}

extension Simulator {
    /// The next answer of the endpoint has this as its `response`, whatever is asked.
    func answer(_ endpoint: String, _ response: String) async {
        await cloud.setFault(.body(#"{"stat":"OK","response":\#(response)}"#), path: "/auth/v2/\(endpoint)", times: 1)
    }
}

/// `Issue.record` without its result, for `guard … else { return fail("…") }`.
func fail(_ what: String, at location: SourceLocation = #_sourceLocation) {
    Issue.record("\(what)", sourceLocation: location)
}
