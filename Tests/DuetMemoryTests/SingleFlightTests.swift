import Synchronization
import Testing

@testable import DuetMemory

@Suite(.timeLimit(.minutes(1))) struct SingleFlightTests {
    private struct Refused: Error {}

    private let flight = SingleFlight<String, Int>()
    private let runs = Counter()

    private final class Counter: Sendable {
        private let value = Mutex(0)
        var count: Int { value.withLock { $0 } }
        func add() -> Int {
            value.withLock {
                $0 += 1
                return $0
            }
        }
    }

    /// Something to wait for, opened once.
    private final class Gate: Sendable {
        private let stream = AsyncStream<Void>.makeStream()
        func open() { stream.continuation.finish() }
        func wait() async throws {
            for await _ in stream.stream {}
            try Task.checkCancellation()
        }
    }

    private func follower() -> Task<Int, any Error> {
        Task { try await flight.run("key") { runs.add() } }
    }

    private func leader(_ gate: Gate) -> Task<Int, any Error> {
        Task {
            try await flight.run("key") {
                let number = runs.add()
                try await gate.wait()
                return number
            }
        }
    }

    private func reaches(_ followers: Int?) async {
        while flight.followers(of: "key") != followers && !Task.isCancelled { await Task.yield() }
    }

    @Test("Those that come while one is under way follow its outcome")
    func follow() async throws {
        let gate = Gate()
        let first = leader(gate)
        await reaches(0)
        let others = (0..<10).map { _ in follower() }
        await reaches(10)
        gate.open()
        #expect(try await first.value == 1)
        for other in others { #expect(try await other.value == 1) }
        #expect(runs.count == 1)
        #expect(flight.followers(of: "key") == nil)
    }

    @Test("Whoever comes after the end does the work again")
    func again() async throws {
        for number in 1...3 {
            let outcome = try await flight.run("key") { runs.add() }
            #expect(outcome == number)
        }
    }

    @Test("Another key is another flight (rule 1)")
    func otherKey() async throws {
        let gate = Gate()
        let first = leader(gate)
        await reaches(0)
        let other = try await flight.run("other") { runs.add() }
        #expect(other == 2)
        gate.open()
        #expect(try await first.value == 1)
    }

    @Test("An error is an outcome too")
    func failure() async {
        let gate = Gate()
        let first = Task {
            try await flight.run("key") {
                _ = runs.add()
                try await gate.wait()
                throw Refused()
            }
        }
        await reaches(0)
        let second = follower()
        await reaches(1)
        gate.open()
        await #expect(throws: Refused.self) { _ = try await first.value }
        await #expect(throws: Refused.self) { _ = try await second.value }
        #expect(runs.count == 1)
    }

    @Test("A leader that goes away leaves the lead to the first that follows, and the others follow that one (rule 2)")
    func leaderLeaves() async throws {
        let first = leader(Gate())
        await reaches(0)
        let gate = Gate()
        let second = leader(gate)
        await reaches(1)
        let third = follower()
        await reaches(2)
        first.cancel()
        await #expect(throws: CancellationError.self) { _ = try await first.value }
        await reaches(1)
        gate.open()
        #expect(try await second.value == 2)
        #expect(try await third.value == 2)
    }

    @Test("What a leader that went away says last is not followed (rule 3)")
    func lastWord() async throws {
        let gate = Gate()
        let first = Task {
            try await flight.run("key") {
                let number = runs.add()
                // As a login does: it is cancelled, and has an outcome all the same.
                try? await gate.wait()
                return -number
            }
        }
        await reaches(0)
        let second = follower()
        await reaches(1)
        first.cancel()
        #expect(try await first.value == -1)
        #expect(try await second.value == 2)
    }

    @Test("A follower that goes away takes nobody along")
    func followerLeaves() async throws {
        let gate = Gate()
        let first = leader(gate)
        await reaches(0)
        let second = follower()
        await reaches(1)
        let third = follower()
        await reaches(2)
        second.cancel()
        await #expect(throws: CancellationError.self) { _ = try await second.value }
        await reaches(1)
        gate.open()
        #expect(try await first.value == 1)
        #expect(try await third.value == 1)
        #expect(runs.count == 1)
    }

    @Test("Whoever is cancelled before it begins does nothing and holds nobody up")
    func cancelledBefore() async throws {
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await flight.run("key") { runs.add() }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        #expect(runs.count == 0 && flight.followers(of: "key") == nil)
    }

    @Test("Logins that come and go at random leave nothing behind, and nobody waits forever")
    func random() async throws {
        await withTaskGroup { group in
            for _ in 0..<200 {
                let task = Task {
                    try await flight.run("key") {
                        for _ in 0..<Int.random(in: 0..<20) { await Task.yield() }
                        try Task.checkCancellation()
                        return runs.add()
                    }
                }
                group.addTask {
                    for _ in 0..<Int.random(in: 0..<20) { await Task.yield() }
                    if Bool.random() { task.cancel() }
                    _ = await task.result
                }
            }
        }
        #expect(flight.followers(of: "key") == nil)
    }
}
