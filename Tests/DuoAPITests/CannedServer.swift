import Foundation
import Secrets

@testable import DuoAPI

/// `openssl s_server` that answers GET /auth/v2/ping with the bytes given: TLS and HTTP gone wrong in every way.
final class CannedServer: Sendable {
    let host: APIHost
    let authority: TestAuthority
    private let process: ChildProcess

    init(
        answer: String = "", certificateFor name: String = "localhost", days: Int = 2, options: [String] = []
    ) async throws {
        authority = try await TestAuthority()
        (process, host) = try await ChildProcess.offPool { [authority] in
            try Self.start(authority, answer, certificateFor: name, days, options)
        }
    }

    private static func start(
        _ authority: TestAuthority, _ answer: String, certificateFor name: String, _ days: Int, _ options: [String]
    ) throws -> (ChildProcess, APIHost) {
        try authority.issue(host: name, days: days)
        let folder = authority.directory.appendingPathComponent("auth/v2")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(answer.utf8).write(to: folder.appendingPathComponent("ping"))

        let process = try ChildProcess(
            ["openssl", "s_server", "-HTTP", "-accept", "127.0.0.1:0", "-cert", "leaf.pem", "-key", "leaf.key"]
                + options, in: authority.directory.path)
        var port: String?
        while port == nil, let line = process.readLine() {
            if line.hasPrefix("ACCEPT") { port = line.split(separator: ":").last.map(String.init) }
        }
        guard let port, let host = APIHost("localhost:\(port)") else {
            process.terminate()
            throw NoPort()
        }
        return (process, host)
    }

    deinit {
        process.terminate()
    }

    /// A transport that trusts this server's authority, and asks nobody else: the same port of ::1 may be another test's.
    func transport(connectTimeout: Duration = .seconds(5)) throws -> Transport {
        var options = TransportOptions(caFile: authority.caFile, connectTimeout: connectTimeout)
        options.addresses = ["127.0.0.1"]
        return try Transport(options)
    }

    struct NoPort: Error {}
}

extension AuthAPI {
    /// With made-up keys; real ones are the simulator's.
    init(host: APIHost, _ transport: Transport) {
        self.init(
            host: host,
            credentials: Credentials(integrationKey: "DIXXXXXXXXXXXXXXXXXX", secretKey: .init("test-secret-key")),
            transport: transport, clock: DuoClock { 1_700_000_000 })
    }
}

/// The error of `body`, nil if there was none.
func failure<T>(_ body: () async throws(DuoError) -> T) async -> DuoError? {
    do throws(DuoError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}
