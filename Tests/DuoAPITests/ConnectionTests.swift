import DuoSimulator
import Foundation
import Secrets
import Testing

@testable import DuoAPI

@Suite(.serialized) struct ConnectionTests {
    private let deadline = Duration.seconds(20)

    @Test("A second call goes over the same connection, without a handshake")
    func warm() async throws {
        try await withSimulator { simulator, api in
            _ = try await api.ping(deadline: deadline)
            let second = try await api.check(deadline: deadline)
            _ = try await api.preauth(.user("alice"), deadline: deadline)
            #expect(second.facts.reused)
            let counts = await simulator.cloud.connections()
            #expect(counts.accepted == 1 && counts.handshakes == 1)
        }
    }

    @Test("A second connection resumes the TLS session of the first")
    func resumed() async throws {
        try await withSimulator { simulator, api in
            _ = try await api.ping(deadline: deadline)
            // Two at once need two connections.
            await simulator.cloud.setFault(.delay(.milliseconds(200)), path: "/auth/v2/check", times: 2)
            async let first = api.check(deadline: deadline)
            async let second = api.check(deadline: deadline)
            let facts = try await [first.facts, second.facts]
            #expect(facts.filter(\.reused).count == 1)
            #expect(facts.filter { $0.tls?.resumed == true && !$0.reused }.count == 1)
            #expect(await simulator.cloud.connections().resumed == 1)
        }
    }

    @Test("A warm connection that Duo has closed meanwhile is replaced, and no factor is lost by it")
    func closedWhileIdle() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("duoapi-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var options = SimulatorOptions()
        options.stateDirectory = folder.path
        let first = try await Simulator.start(options)
        let api = try AuthAPI(first)
        _ = try await api.ping(deadline: deadline)
        try await first.stop()

        options.port = first.port
        try await withSimulator(options) { simulator, _ in
            let result = try await api.passcode(.user("alice"), passcode: Secret("100001"), deadline: deadline)
            #expect(result.withoutMessage == .allow(.allow, message: ""))
            #expect(await simulator.cloud.count("auth") == 1)
        }
    }

    @Test("Two hundred logins wait for their phones at the same time, and another call does not wait for them")
    func many() async throws {
        try await withSimulator { simulator, api in
            let transaction = try await api.startPush(.user("alice"), device: .auto, deadline: deadline)
            _ = try await api.authStatus(transaction, deadline: deadline)
            try await withThrowingTaskGroup(of: AuthStatus.self) { group in
                for _ in 0..<200 {
                    group.addTask { try await api.authStatus(transaction, deadline: .seconds(20)) }
                }
                #expect(try await simulator.cloud.reaches { $0.count("auth_status") == 201 })
                let ping = try await api.ping(deadline: deadline)
                // The two hundred wait for 20 s or an answer, whichever comes first; the ping came before either.
                #expect(ping.facts.total < .seconds(10))
                try await simulator.cloud.answer(.approve, txid: nil)
                for try await status in group {
                    if case .allow = status { continue }
                    fail("\(status)")
                }
            }
        }
    }

    @Test("Cancelling the task closes the connection at once, and only that one")
    func cancellation() async throws {
        try await withSimulator { simulator, api in
            let push = Task { () async -> DuoError? in
                await failure { () async throws(DuoError) in
                    try await api.push(.user("alice"), device: .auto, deadline: .seconds(60))
                }
            }
            _ = try await simulator.cloud.waitForTransaction(within: .seconds(5))
            _ = try await api.ping(deadline: deadline)
            #expect(await simulator.cloud.connections().open == 2)
            let clock = ContinuousClock()
            let start = clock.now
            push.cancel()
            #expect(await push.value == .cancelled)
            #expect(try await simulator.cloud.reaches { $0.connections().open == 1 })
            // The push itself would have waited for a minute.
            #expect(clock.now - start < .seconds(20))
            #expect(try await api.ping(deadline: deadline).facts.reused)
        }
    }

    @Test("A task that is cancelled already sends nothing")
    func cancelledBefore() async throws {
        try await withSimulator { simulator, api in
            let task = Task { () async -> DuoError? in
                withUnsafeCurrentTask { $0?.cancel() }
                return await failure { () async throws(DuoError) in
                    try await api.push(.user("alice"), device: .auto, deadline: .seconds(5))
                }
            }
            #expect(await task.value == .cancelled)
            #expect(await simulator.cloud.transactions().isEmpty)
        }
    }

    @Test("Shutting down ends calls in progress, closes every connection and lets no call in any more")
    func shutdown() async throws {
        try await withSimulator { simulator, api in
            let push = Task { () async -> DuoError? in
                await failure { () async throws(DuoError) in
                    try await api.push(.user("alice"), device: .auto, deadline: .seconds(60))
                }
            }
            _ = try await simulator.cloud.waitForTransaction(within: .seconds(5))
            api.transport.shutdown()
            #expect(await push.value == .shutDown)
            #expect(try await simulator.cloud.reaches { $0.connections().open == 0 })
            let error = await failure { () async throws(DuoError) in try await api.ping(deadline: deadline) }
            #expect(error == .shutDown)
            api.transport.shutdown()
        }
    }

    @Test("Letting the transport go closes its connections")
    func letGo() async throws {
        try await withSimulator { simulator, _ in
            do {
                let api = try AuthAPI(simulator)
                _ = try await api.ping(deadline: deadline)
            }
            #expect(try await simulator.cloud.reaches { $0.connections().open == 0 })
        }
    }

    @Test("Calls above the limit of connections wait for their turn")
    func limited() async throws {
        try await withSimulator(transport: TransportOptions(maxConnections: 2)) { simulator, api in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await api.check(deadline: deadline) } }
                try await group.waitForAll()
            }
            let counts = await simulator.cloud.connections()
            #expect(counts.accepted <= 2)
        }
    }

    @Test(
        "A call whose time ends while it waits for the connections of others says nothing about Duo, and holds up nobody"
    )
    func queuedTooLong() async throws {
        try await withSimulator(transport: TransportOptions(maxConnections: 1)) { simulator, api in
            async let push = api.push(.user("alice"), device: .auto, deadline: .seconds(60))
            _ = try await simulator.cloud.waitForTransaction(within: .seconds(5))
            let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(1)) }
            #expect(error == .local(.connectionLimit))

            // The next one has its turn as soon as the push is answered.
            async let ping = api.ping(deadline: deadline)
            let clock = ContinuousClock()
            let start = clock.now
            try await simulator.cloud.answer(.approve, txid: nil)
            #expect(try await push.withoutMessage == .allow(.allow, message: ""))
            _ = try await ping
            #expect(clock.now - start < .seconds(15))
            #expect(await simulator.cloud.connections().accepted == 1)
        }
    }

    @Test("A call that is cancelled while it waits for the connections of others ends at once")
    func cancelledWhileQueued() async throws {
        try await withSimulator(transport: TransportOptions(maxConnections: 1)) { simulator, api in
            let push = Task { () async -> DuoError? in
                await failure { () async throws(DuoError) in
                    try await api.push(.user("alice"), device: .auto, deadline: .seconds(60))
                }
            }
            _ = try await simulator.cloud.waitForTransaction(within: .seconds(5))
            let queued = Task { () async -> DuoError? in
                await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(60)) }
            }
            let clock = ContinuousClock()
            let start = clock.now
            queued.cancel()
            #expect(await queued.value == .cancelled)
            push.cancel()
            #expect(await push.value == .cancelled)
            #expect(clock.now - start < .seconds(15))
        }
    }
}
