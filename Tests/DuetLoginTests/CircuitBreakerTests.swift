import DuoAPI
import Synchronization
import Testing

@testable import DuetLogin

@Suite("Circuit breaker", .timeLimit(.minutes(1)))
struct CircuitBreakerTests {
    private static let down = DuoError.unreachable(.connect(errno: 111))

    /// A breaker whose ping ends as `ping` says, and how often it was sent.
    private final class Line: Sendable {
        let state: Mutex<(error: DuoError?, pings: Int, changes: [Bool])>

        init(_ error: DuoError?) { state = Mutex((error, 0, [])) }

        func breaker() -> CircuitBreaker {
            CircuitBreaker(
                now: { ContinuousClock.now }, sleep: { try await Task.sleep(for: $0) },
                changed: { [self] outage in state.withLock { $0.changes.append(outage != nil) } },
                ping: { [self] (_) async throws(DuoError) in
                    let error = state.withLock { state in
                        state.pings += 1
                        return state.error
                    }
                    if let error { throw error }
                })
        }

        var pings: Int { state.withLock { $0.pings } }
        var changes: [Bool] { state.withLock { $0.changes } }
    }

    private func outcome(_ breaker: CircuitBreaker, _ error: DuoError?) async -> DuoError? {
        do {
            try await breaker.watch(patience: { .seconds(5) }) { () async throws(DuoError) in
                if let error { throw error }
            }
            return nil
        } catch {
            return error
        }
    }

    @Test("It opens when a ping confirms what a login met, and the next login does not ask Duo")
    func opens() async throws {
        let line = Line(Self.down)
        let breaker = line.breaker()
        #expect(await outcome(breaker, Self.down) == Self.down)
        #expect(breaker.outage?.error == Self.down && line.pings == 1)
        #expect(await outcome(breaker, nil) == Self.down)
        #expect(line.pings == 1 && line.changes == [true])
    }

    @Test("A ping that is answered keeps it closed: one name that makes Duo answer 500 stops nobody else")
    func keepsClosed() async throws {
        let line = Line(nil)
        let breaker = line.breaker()
        let error = DuoError.unreachable(.serverError(status: 500))
        #expect(await outcome(breaker, error) == error)
        #expect(breaker.outage == nil && line.pings == 1 && line.changes.isEmpty)
    }

    @Test(
        "No other error opens it",
        arguments: [
            DuoError.certificate(.expired), .unauthorized(code: nil), .rateLimited(retryAfter: nil), .cancelled,
            .malformed(what: "x"), .local(.signing),
        ])
    func others(_ error: DuoError) async throws {
        let line = Line(Self.down)
        let breaker = line.breaker()
        #expect(await outcome(breaker, error) == error)
        #expect(breaker.outage == nil && line.pings == 0)
        let forged = Line(error)
        let second = forged.breaker()
        #expect(await outcome(second, Self.down) == Self.down)
        #expect(second.outage == nil)
    }

    @Test("Whoever hears from Duo closes it")
    func closes() async throws {
        let line = Line(Self.down)
        let breaker = line.breaker()
        _ = await outcome(breaker, Self.down)
        #expect(breaker.outage != nil)
        breaker.close()
        #expect(breaker.outage == nil && line.changes == [true, false])
        #expect(await outcome(breaker, nil) == nil)
    }

    @Test("A login that is silent is confirmed while it waits, so that the breaker is open when it gives up")
    func silent() async throws {
        let line = Line(Self.down)
        let breaker = line.breaker()
        let error = DuoError.unreachable(.timedOut(.answer))
        do {
            try await breaker.watch(patience: { .seconds(5) }) { () async throws(DuoError) in
                try? await Task.sleep(for: .seconds(2))
                throw error
            }
        } catch let met {
            #expect(met == error)
        }
        #expect(breaker.outage != nil && line.pings == 1)
    }

    @Test("Whoever is answered while it is being confirmed keeps it closed")
    func answeredMeanwhile() async throws {
        let line = Line(Self.down)
        let hold = Mutex(true)
        let breaker = CircuitBreaker(
            now: { ContinuousClock.now }, sleep: { try await Task.sleep(for: $0) },
            changed: { outage in line.state.withLock { $0.changes.append(outage != nil) } },
            ping: { (_) async throws(DuoError) in
                while hold.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(5)) }
                throw Self.down
            })
        async let met = outcome(breaker, Self.down)
        try await Task.sleep(for: .milliseconds(50))
        #expect(await outcome(breaker, nil) == nil)
        hold.withLock { $0 = false }
        #expect(await met == Self.down)
        #expect(breaker.outage == nil && line.changes.isEmpty)
    }

    @Test("One server error of a ping is chance, two are an outage")
    func serverErrors() async throws {
        let error = DuoError.unreachable(.serverError(status: 500))
        let line = Line(error)
        #expect(await outcome(line.breaker(), error) == error)
        #expect(line.pings == 2 && line.changes == [true])
    }

    @Test("Who has left the confirming to a login that then goes away confirms when Duo fails its own")
    func confirmerGoes() async throws {
        let line = Line(Self.down)
        let tired = Mutex(0)
        let breaker = CircuitBreaker(
            now: { ContinuousClock.now }, sleep: { _ in tired.withLock { $0 += 1 } },
            changed: { outage in line.state.withLock { $0.changes.append(outage != nil) } },
            ping: { (_) async throws(DuoError) in
                let number = line.state.withLock { state in
                    state.pings += 1
                    return state.pings
                }
                if number > 1 { throw Self.down }
                try? await Task.sleep(for: .seconds(600))
                throw .cancelled
            })
        let first = Task {
            try await breaker.watch(patience: { .seconds(600) }) { () async throws(DuoError) in
                try? await Task.sleep(for: .seconds(600))
                throw .cancelled
            }
        }
        while line.pings == 0 { try await Task.sleep(for: .milliseconds(5)) }
        do {
            try await breaker.watch(patience: { .seconds(600) }) { () async throws(DuoError) in
                while tired.withLock({ $0 }) < 2 { try? await Task.sleep(for: .milliseconds(5)) }
                // What is tired sees now that somebody confirms.
                try? await Task.sleep(for: .milliseconds(100))
                first.cancel()
                _ = await first.result
                throw Self.down
            }
        } catch {
            #expect(error == Self.down)
        }
        #expect(breaker.outage != nil && line.pings == 2 && line.changes == [true])
    }

    @Test("Many logins that meet an outage together send one ping")
    func together() async throws {
        let line = Line(Self.down)
        let breaker = line.breaker()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = await outcome(breaker, Self.down) } }
        }
        #expect(breaker.outage != nil && line.changes == [true])
    }
}
