import DuoSimulator
import Foundation
import Secrets
import Testing

@testable import DuoAPI

/// One deadline holds for everything that a network can do to a call.
@Suite(.serialized) struct DeadlineTests {
    private let deadline = Duration.seconds(20)

    /// A new connection, although there is a warm one: that one is kept busy.
    private func cold(_ simulator: Simulator, _ api: AuthAPI) async throws -> ConnectionFacts {
        await simulator.cloud.setFault(.delay(.seconds(3)), path: "/auth/v2/check", times: 1)
        let busy = Task { try await api.check(deadline: deadline) }
        #expect(try await simulator.cloud.reaches { $0.count("check") > 0 })
        let facts = try await api.ping(deadline: deadline).facts
        _ = try await busy.value
        return facts
    }

    @Test("A dead address costs at most 2.5 s once; after that the live one goes first")
    func deadAddress() async throws {
        let simulator = try await Simulator.start(SimulatorOptions())
        let hole = try ListeningSocket(address: "127.0.0.2", port: UInt16(simulator.port), backlog: 0)
        try hole.fillBacklog()
        var options = TransportOptions()
        options.addresses = ["127.0.0.2", "127.0.0.1"]
        let api = try AuthAPI(simulator, options)
        // A factor, so that it shows that an attempt to connect does not use up its one time.
        let start = ContinuousClock.now
        let result = try await api.passcode(.user("alice"), passcode: Secret("100001"), deadline: deadline)
        let first = start.duration(to: .now)
        #expect(result.withoutMessage == .allow(.allow, message: ""))
        // Half of the 3 s, and what a busy machine adds.
        #expect(first > .seconds(1) && first < .seconds(6), "\(first)")
        let facts = try await cold(simulator, api)
        #expect(!facts.reused && facts.remoteAddress == "127.0.0.1")
        #expect(facts.connect < .seconds(1), "\(facts.connect)")
        try await simulator.stop()
    }

    @Test("Addresses that refuse cost next to nothing")
    func refusingAddresses() async throws {
        var options = TransportOptions()
        options.addresses = ["127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.1"]
        try await withSimulator(transport: options) { _, api in
            let facts = try await api.ping(deadline: deadline).facts
            #expect(facts.connect < .seconds(1), "\(facts.connect)")
        }
    }

    @Test("Where the first address family is a black hole, the other one starts within 300 ms")
    func otherFamily() async throws {
        let simulator = try await Simulator.start(SimulatorOptions())
        var options = TransportOptions()
        // Discard-only addresses (RFC 6666): nothing answers, and where there is no IPv6 the system refuses at once.
        options.addresses = ["[100::1]", "127.0.0.1"]
        let api = try AuthAPI(simulator, options)
        let facts = try await api.ping(deadline: deadline).facts
        #expect(facts.remoteAddress == "127.0.0.1")
        // Five times what libcurl waits: the machine is busy.
        #expect(facts.connect < .seconds(1), "\(facts.connect)")
        try await simulator.stop()
    }

    @Test("When every address has been given up, every address is tried again")
    func allDead() async throws {
        let hole = try ListeningSocket(backlog: 0)
        try hole.fillBacklog()
        var options = TransportOptions(connectTimeout: .milliseconds(400))
        options.addresses = ["127.0.0.1"]
        let api = AuthAPI(host: try #require(APIHost("localhost:\(hole.port)")), try Transport(options))
        for _ in 0..<2 {
            let error = await failure { () async throws(DuoError) in try await api.ping(deadline: deadline) }
            #expect(error == .unreachable(.timedOut(.connect)))
        }
    }

    @Test("A handshake that trickles in ends with the connect timeout")
    func slowHandshake() async throws {
        let proxy = try ConnectProxy(.slow(after: 0))
        let options = TransportOptions(proxy: Proxy(host: "127.0.0.1", port: proxy.port), connectTimeout: .seconds(1))
        try await withSimulator(transport: options) { _, api in
            let start = ContinuousClock.now
            let error = await failure { () async throws(DuoError) in
                try await api.preauth(.user("alice"), deadline: .seconds(60))
            }
            #expect(error == .unreachable(.timedOut(.handshake)))
            #expect(start.duration(to: .now) < .seconds(15))
        }
    }

    @Test("A body of 200 bytes a second ends with the deadline")
    func slowBody() async throws {
        let server = try await CannedServer(answer: .ok(String(repeating: " ", count: 500_000)))
        // The handshake passes, 20 KB of the body too; the rest would take 40 min.
        let proxy = try ConnectProxy(.slow(after: 20_000))
        var options = TransportOptions(proxy: Proxy(host: "127.0.0.1", port: proxy.port))
        options.caFile = server.authority.caFile
        let api = AuthAPI(host: server.host, try Transport(options))
        let start = ContinuousClock.now
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(4)) }
        #expect(error == .unreachable(.timedOut(.answer)))
        #expect(start.duration(to: .now) < .seconds(15))
    }

    private static let hasNamespaces = (try? ChildProcess.run(["unshare", "--mount", "true"], in: "/")) != nil

    @Test(
        "A resolver that never answers holds neither the call beyond its deadline nor the end of the transport",
        .enabled(if: hasNamespaces, "needs the right to make a mount namespace"))
    func silentResolver() async {
        await #expect(processExitsWith: .success) {
            let resolver = try SilentResolver()
            // On this thread, whose namespace the transport's thread inherits.
            let transport = try resolver.inNamespace { try Transport() }
            let api = AuthAPI(host: try #require(APIHost("api-1.duosecurity.com")), transport)
            let start = ContinuousClock.now
            let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(1)) }
            transport.shutdown()
            // glibc gives up after 5 s at the earliest.
            #expect(start.duration(to: .now) < .seconds(4))
            #expect(error == .unreachable(.timedOut(.lookup)))
        }
    }
}

/// A name server that takes questions and says nothing.
private final class SilentResolver {
    private let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)

    init() throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.77")
        address.sin_port = UInt16(53).bigEndian
        let descriptor = descriptor
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(bound == 0)
    }

    deinit { close(descriptor) }

    /// Runs `body` where `/etc/resolv.conf` names this resolver; the thread stays there.
    func inNamespace<R>(_ body: () throws -> R) throws -> R {
        typealias Unshare = @convention(c) (Int32) -> Int32
        typealias Mount =
            @convention(c) (UnsafePointer<CChar>?, UnsafePointer<CChar>, UnsafePointer<CChar>?, UInt, UnsafeRawPointer?)
            -> Int32
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("duoapi-\(UUID().uuidString)")
        try Data("nameserver 127.0.0.77\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        // Swift's Glibc has neither.
        let unshare = unsafeBitCast(try #require(dlsym(nil, "unshare")), to: Unshare.self)
        let mount = unsafeBitCast(try #require(dlsym(nil, "mount")), to: Mount.self)
        try #require(unshare(0x20000) == 0)  // CLONE_NEWNS
        try #require(mount(nil, "/", nil, 0x44000, nil) == 0)  // MS_REC | MS_PRIVATE
        try #require(mount(file.path, "/etc/resolv.conf", nil, 0x1000, nil) == 0)  // MS_BIND
        return try body()
    }
}
