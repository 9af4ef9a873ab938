import DuoSimulator
import Glibc
import Secrets
import Testing

@testable import DuetDaemon
@testable import DuoAPI

@Suite("The ways to Duo on the thread of the logins", .timeLimit(.minutes(1)))
struct LoginTransportsTests {
    private static func with(_ body: (LoginLoop, Simulator) async throws -> Void) async throws {
        let simulator = try await Simulator.start(SimulatorOptions())
        let loop = try LoginLoop()
        loop.start()
        let result: Result<Void, any Error>
        do { result = .success(try await body(loop, simulator)) } catch { result = .failure(error) }
        await loop.stop()
        try await simulator.stop()
        try result.get()
    }

    private static func api(_ simulator: Simulator, on loop: LoginLoop) throws -> AuthAPI {
        let options = SimulatorOptions()
        return AuthAPI(
            host: try #require(APIHost(simulator.apiHost)),
            credentials: Credentials(
                integrationKey: options.integrationKey, secretKey: Secret(options.secretKey)),
            transport: try Transport(TransportOptions(caFile: simulator.caFile), on: loop),
            clock: DuoClock { Int64(Glibc.time(nil)) })
    }

    @Test("Several work beside each other, from any thread, and answer all")
    func several() async throws {
        try await Self.with { loop, simulator in
            let ways = try (0..<3).map { _ in try Self.api(simulator, on: loop) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask { _ = try await ways[number % 3].ping(deadline: .seconds(20)) }
                }
                try await group.waitForAll()
            }
            try await loop.answers()
        }
    }

    @Test("One that is let go ends its calls, and nothing is left of it; the others go on")
    func letGo() async throws {
        try await Self.with { loop, simulator in
            let other = try Self.api(simulator, on: loop)
            weak var left: TransportLoop?
            do {
                let way = try Self.api(simulator, on: loop)
                left = way.transport.loop
                _ = try await way.ping(deadline: .seconds(20))
            }
            for _ in 0..<1_000 where left != nil { try await Task.sleep(for: .milliseconds(5)) }
            #expect(left == nil)
            _ = try await other.ping(deadline: .seconds(20))
        }
    }

    @Test("The end of the thread ends every wait, and none begins after it")
    func end() async throws {
        let simulator = try await Simulator.start(SimulatorOptions())
        let loop = try LoginLoop()
        loop.start()
        let way = try Self.api(simulator, on: loop)
        _ = try await way.ping(deadline: .seconds(20))
        let sleeper = Task { try await way.transport.sleep(for: .seconds(600)) }
        try await way.transport.sleep(for: .milliseconds(20))
        await loop.stop()
        try await sleeper.value
        await #expect(throws: DuoError.self) { _ = try await way.ping(deadline: .seconds(20)) }
        try await simulator.stop()
    }
}
