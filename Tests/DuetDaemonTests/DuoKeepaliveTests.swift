import DuetConfiguration
import DuoAPI
import DuoSimulator
import FoundationEssentials
import Glibc
import Logging
import Testing

@testable import DuetDaemon
@testable import DuetLogin

@Suite("Keepalive", .timeLimit(.minutes(1)))
struct DuoKeepaliveTests {
    /// A way to a simulator, while `run` keeps it alive.
    private func with(
        _ longest: Duration? = .milliseconds(100), expectation: Duration = .seconds(60),
        _ body: (DuoConnection, Simulator, _ start: () -> Void) async throws -> Void
    ) async throws {
        let simulator = try await Simulator.start()
        let connection = try connection(to: simulator)
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await body(connection, simulator) {
                let keepalive = DuoKeepalive(connection: connection, longest: longest, expectation: expectation)
                group.addTask { await keepalive.run() }
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        connection.transport.shutdown()
        try await simulator.stop()
    }

    private func connection(to simulator: Simulator) throws -> DuoConnection {
        let path = FileManager.default.temporaryDirectory.path + "/duet-keepalive-\(UInt64.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let text = """
            [duo]
            integration_key = "\(simulator.integrationKey)"
            secret_key = "\(simulator.secretKey)"
            api_host = "\(simulator.apiHost)"
            ca_file = "\(simulator.caFile)"
            """
        _ = FileManager.default.createFile(atPath: path, contents: Data(text.utf8))
        chmod(path, 0o600)
        let settings = try Configuration.load(path: path).duo
        return try DuoConnection(name: "test", settings, on: nil, metrics: Metrics(), logger: Logger(label: "test"))
    }

    private func pings(_ simulator: Simulator) async -> Int {
        await simulator.cloud.requests().filter { $0.path == "/auth/v2/ping" }.count
    }

    private func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
        for _ in 0..<2_000 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("waited 10 s in vain for \(what)")
    }

    private var answered: Outcome { Outcome(.allow(.duoAllow), contact: .answered) }

    @Test("After a login Duo hears from this host again and again, over one connection")
    func pings() async throws {
        try await with { (connection, simulator, start) async throws in
            connection.contact.record(answered)
            start()
            try await eventually("pings") { await pings(simulator) >= 3 }
            #expect(await simulator.cloud.connections().handshakes == 1)
            #expect(connection.contact.last?.succeeded == true && connection.contact.last?.roundTrip != nil)
        }
    }

    @Test("A host where nobody logs in is silent")
    func silent() async throws {
        try await with { (connection, simulator, start) async throws in
            start()
            // Ten times as long as it would take.
            try await Task.sleep(for: .seconds(1))
            #expect(await pings(simulator) == 0)
            connection.contact.record(answered)
            try await eventually("the first ping") { await pings(simulator) > 0 }
        }
    }

    @Test("When no login is expected any more it ends, and begins again with the next one")
    func expectation() async throws {
        try await with(.milliseconds(50), expectation: .seconds(1)) { (connection, simulator, start) async throws in
            start()
            // Again, but seldom enough for silences in between: on a busy machine the keepalive may have its turn late.
            func loggedIn(until count: Int) async throws {
                for _ in 0..<20 {
                    connection.contact.record(answered)
                    for _ in 0..<50 {
                        if await pings(simulator) >= count { return }
                        try await Task.sleep(for: .milliseconds(10))
                    }
                }
                Issue.record("waited 10 s in vain")
            }
            try await loggedIn(until: 1)
            let end = try #require(connection.contact.lastLogin) + .seconds(1)
            try await Task.sleep(until: end, clock: .continuous)
            // One may be under way; in a second there would be ten.
            let before = await pings(simulator)
            try await Task.sleep(for: .seconds(1))
            #expect(await pings(simulator) <= before + 1)
            try await loggedIn(until: before + 3)
        }
    }

    @Test("Where logins ask Duo often enough there are no pings beside them")
    func busy() async throws {
        try await with(.seconds(8)) { (connection, simulator, start) async throws in
            connection.contact.record(answered)
            start()
            // Pings come after half of the limit at the earliest; other tests may keep this one from the processor for a while.
            let end = ContinuousClock.now + .seconds(5)
            while ContinuousClock.now < end {
                connection.contact.record(answered)
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(await pings(simulator) == 0)
        }
    }

    @Test("During an outage it asks nothing: that is the watch's to end")
    func outage() async throws {
        try await with { (connection, simulator, start) async throws in
            connection.contact.record(answered)
            let breaker = connection.application.breaker
            await simulator.cloud.setFault(.status(500), path: "/auth/v2/ping", times: 10)
            let down = DuoError.unreachable(.connect(errno: ECONNREFUSED))
            try await eventually("the breaker to open") {
                _ = try? await breaker.watch(patience: { .seconds(5) }) { () async throws(DuoError) in throw down }
                return breaker.outage != nil
            }
            await simulator.cloud.clearFaults()
            let before = await pings(simulator)
            start()
            try await Task.sleep(for: .seconds(1))
            #expect(await pings(simulator) == before)
            breaker.close()
            try await eventually("pings") { await pings(simulator) > before }
        }
    }

    @Test("A ping that fails wakes the watch, and the next one is sent all the same")
    func failure() async throws {
        try await with { (connection, simulator, start) async throws in
            connection.contact.record(answered)
            await simulator.cloud.setFault(.status(404), path: "/auth/v2/ping", times: 1)
            start()
            await connection.contact.nextFailure()
            try await eventually("the next ping") { await pings(simulator) >= 2 }
        }
    }

    @Test("keepalive = false sends nothing")
    func off() async throws {
        let simulator = try await Simulator.start()
        let connection = try connection(to: simulator)
        connection.contact.record(answered)
        await DuoKeepalive(connection: connection, longest: nil).run()
        #expect(await pings(simulator) == 0)
        connection.transport.shutdown()
        try await simulator.stop()
    }
}
