import DuoSimulator
import Foundation
import Testing

@Suite("TLS and HTTP", .serialized)
struct TransportTests {
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sim-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.path)
    }

    private func options(_ folder: String) -> SimulatorOptions {
        var options = SimulatorOptions()
        options.stateDirectory = folder
        return options
    }

    @Test("A second start keeps the CA, so that clients need not be told")
    func sameAuthority() async throws {
        try await withFolder { folder in
            let names = ["ca.pem", "server.pem"]
            let read = { try names.map { try Data(contentsOf: URL(fileURLWithPath: folder + "/" + $0)) } }
            try await withSimulator(options(folder)) { _ in }
            let first = try read()
            try await withSimulator(options(folder)) { simulator in
                let reply = try await simulator.send(.get("ping"))
                #expect(reply.status == 200)
            }
            #expect(try read() == first)
        }
    }

    @Test("A broken or expired certificate is made anew", arguments: ["broken", "expired"])
    func renewal(how: String) async throws {
        try await withFolder { folder in
            try await withSimulator(options(folder)) { _ in }
            let path = folder + "/server.pem"
            if how == "broken" {
                try Data("nonsense".utf8).write(to: URL(fileURLWithPath: path))
            } else {
                _ = try await Tool.run([
                    "openssl", "x509", "-in", path, "-signkey", folder + "/server.key", "-days", "1", "-out", path,
                ])
            }
            try await withSimulator(options(folder)) { simulator in
                let reply = try await simulator.send(.get("ping"))
                #expect(reply.status == 200)
            }
        }
    }

    @Test("Two simulators do not share a folder")
    func lock() async throws {
        try await withFolder { folder in
            let first = try await Simulator.start(options(folder))
            await #expect(throws: StateFolder.Failure.self) { () async throws -> Void in
                _ = try await Simulator.start(options(folder))
            }
            try await first.stop()
        }
    }

    /// What `openssl s_client` gets back for raw bytes.
    private func raw(_ simulator: Simulator, _ text: String, _ more: [String] = []) async throws -> String {
        let output = try await Tool.run(
            ["openssl", "s_client", "-connect", "127.0.0.1:\(simulator.port)", "-CAfile", simulator.caFile, "-quiet"]
                + ["-verify_return_error", "-verify_ip", "127.0.0.1"] + more, input: text)
        return String(decoding: output, as: UTF8.self)
    }

    private static let large = String(repeating: "x", count: 20_000)
    private static let malformed: [(String, Int)] = [
        ("nonsense\r\n\r\n", 400),
        ("GET /auth/v2/ping HTTP/1.1\r\n\r\n", 400),
        ("GET /auth/v2/ping HTTP/1.0\r\nHost: localhost\r\n\r\n", 400),
        ("GET /auth/v2/ping HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET http://localhost/auth/v2/ping HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        ("GET /auth/v2/ping HTTP/1.1\r\nHost: localhost\r\nX: \(large)\r\n\r\n", 413),
        ("GET /auth/v2/ping?\(large) HTTP/1.1\r\nHost: localhost\r\n\r\n", 413),
        ("POST /auth/v2/auth HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n", 413),
    ]

    @Test("Malformed requests get 400, oversized ones 413, and the connection ends", arguments: malformed)
    func refusals(request: String, status: Int) async throws {
        try await withSimulator { simulator in
            let answer = try await raw(simulator, request)
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            #expect(answer.lowercased().contains("connection: close"))
        }
    }

    @Test("A client that pipelines loses its connection")
    func pipelining() async throws {
        try await withSimulator { simulator in
            let hanging = Call.auth("alice", "push")
            var text =
                "POST \(hanging.path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(hanging.body.utf8.count)\r\n"
            text += hanging.headers.map { "\($0.name): \($0.value)\r\n" }.joined() + "\r\n" + hanging.body
            text += "GET /auth/v2/ping HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let answer = try await raw(simulator, text)
            #expect(answer == "")
        }
    }

    @Test("HEAD is answered without a body")
    func head() async throws {
        try await withSimulator { simulator in
            let request = "HEAD /auth/v2/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            let answer = try await raw(simulator, request)
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    private static let ping = "GET /auth/v2/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    @Test(
        "TLS 1.2 and 1.3 are spoken, 1.1 is not", arguments: [("-tls1_1", false), ("-tls1_2", true), ("-tls1_3", true)])
    func versions(version: String, isSpoken: Bool) async throws {
        try await withSimulator { simulator in
            let answer = try await raw(simulator, Self.ping, [version])
            #expect(answer.hasPrefix("HTTP/1.1 200") == isSpoken)
            #expect(await simulator.cloud.connections().handshakes == (isSpoken ? 1 : 0))
            #expect(await simulator.cloud.requests().map(\.reads) == (isSpoken ? [1] : []))
        }
    }

    @Test("Resumed sessions are counted", arguments: ["-tls1_2", "-tls1_3"])
    func resumption(version: String) async throws {
        try await withFolder { folder in
            try await withSimulator(options(folder)) { simulator in
                let session = folder + "/session"
                _ = try await raw(simulator, Self.ping, [version, "-sess_out", session])
                _ = try await raw(simulator, Self.ping, [version, "-sess_in", session])
                #expect(await simulator.cloud.connections().handshakes == 2)
                #expect(await simulator.cloud.connections().resumed == 1)
                try? FileManager.default.removeItem(atPath: session)
            }
        }
    }

    @Test("A client that does not trust the CA leaves no finished handshake")
    func untrusting() async throws {
        try await withSimulator { simulator in
            let output = try await Tool.run(
                ["curl", "--silent", "--noproxy", "*", "https://\(simulator.apiHost)/auth/v2/ping"])
            #expect(output.isEmpty)
            #expect(await simulator.cloud.requests().isEmpty)
        }
    }
}
