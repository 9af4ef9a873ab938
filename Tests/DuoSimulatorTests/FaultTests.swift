import DuoSimulator
import Testing

@Suite("Faults over TLS", .serialized)
struct FaultTests {
    private static let auth = "/auth/v2/auth"

    @Test("A dropped auth was done all the same: one push, no answer")
    func drop() async throws {
        try await withSimulator { simulator in
            await simulator.cloud.setFault(.dropBeforeAnswer, path: Self.auth, times: 1)
            let replies = try await simulator.send([.auth("alice", "push")])
            #expect(replies.map(\.status) == [0])
            #expect(await simulator.cloud.transactions().count == 1)
            #expect(await simulator.cloud.requests().last?.status == nil)
        }
    }

    @Test("A status fault refuses without effects, as often as it was told to")
    func status() async throws {
        try await withSimulator { simulator in
            await simulator.cloud.setFault(.status(429), path: Self.auth, times: 1)
            await simulator.cloud.setFault(.status(500, code: 50001), path: Self.auth, times: 1)
            let call = Call.auth("push-approve", "push")
            let replies = try await simulator.send([call, call, call])
            #expect(replies.map(\.status) == [429, 500, 200])
            #expect(replies.map(\.code) == [42901, 50001, nil])
            #expect(await simulator.cloud.transactions().count == 1)
        }
    }

    @Test("A delayed answer comes late, its effects at once")
    func delay() async throws {
        let clock = ManualClock()
        var options = SimulatorOptions()
        options.timeline = Timeline(clock)
        try await withSimulator(options) { simulator in
            await simulator.cloud.setFault(.delay(.seconds(5)), path: Self.auth, times: 1)
            async let reply = simulator.send(.auth("push-approve", "push", [("async", "1")]))
            _ = try await simulator.cloud.waitForTransaction(within: .seconds(1000)) { $0.user == "push-approve" }
            #expect(await simulator.cloud.requests().last?.status == nil)
            clock.advance(by: .seconds(5))
            #expect(try await reply.status == 200)
            #expect(await simulator.cloud.requests().last?.durationMS == 5000)
        }
    }

    @Test("Garbage is no HTTP, a body is whatever it says")
    func garbage() async throws {
        try await withSimulator { simulator in
            await simulator.cloud.setFault(.garbage, path: "/auth/v2/ping", times: 1)
            await simulator.cloud.setFault(.body("{\"stat\":\"OK\"}"), path: "/auth/v2/ping", times: 1)
            #expect(try await simulator.send([.get("ping")]).map(\.status) == [0])
            let reply = try await simulator.send(.get("ping"))
            #expect(reply.json == ["stat": "OK"])
            await simulator.cloud.setFault(.garbage, path: "/auth/v2/ping", times: 1)
            await simulator.cloud.clearFaults()
            #expect(try await simulator.send(.get("ping")).status == 200)
        }
    }
}
