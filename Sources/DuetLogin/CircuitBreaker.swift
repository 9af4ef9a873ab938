package import DuoAPI
import Synchronization

/// Keeps logins from waiting for a Duo that is known to be down.
///
/// 1. MUST open only when a ping confirms what a login met, and nobody else was answered meanwhile: a chosen user name
///    that makes Duo answer 500 must not stop the logins of everybody else. Where Duo answered with a server error, two
///    pings must.
/// 2. MUST NOT decide anything: while it is open a login meets the error that opened it, and the rule's fail mode
///    decides as it would have.
/// 3. MUST close on the first answer of Duo's, whoever got it.
/// Held by `CircuitBreakerTests`.
package final class CircuitBreaker: Sendable {
    /// Since when Duo has been unreachable, and why.
    package struct Outage: Sendable, Equatable {
        package let since: ContinuousClock.Instant
        package let error: DuoError
    }

    /// How long a preauth may be silent before the ping that may confirm an outage is sent beside it.
    private static let suspicion = Duration.seconds(1)
    /// What that ping gets at least, when the preauth has failed at its very end.
    private static let leastPatience = Duration.milliseconds(400)
    /// Between the two pings that a server error needs.
    private static let pause = Duration.milliseconds(100)

    private struct State {
        var outage: Outage?
        var isConfirming = false
        /// How often Duo has answered anybody.
        var answers: UInt64 = 0
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> ContinuousClock.Instant
    private let sleep: @Sendable (Duration) async throws -> Void
    private let ping: @Sendable (Duration) async throws(DuoError) -> Void
    private let changed: @Sendable (Outage?) -> Void

    /// `ping` asks Duo for a sign of life within a deadline; `changed` hears of every opening, and of every closing
    /// with nil.
    package init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        changed: @escaping @Sendable (Outage?) -> Void = { _ in },
        ping: @escaping @Sendable (Duration) async throws(DuoError) -> Void
    ) {
        self.now = now
        self.sleep = sleep
        self.ping = ping
        self.changed = changed
    }

    package var outage: Outage? { state.withLock { $0.outage } }

    /// Runs `call`, unless Duo is known to be down. When `call` is silent for long or finds Duo unreachable, a ping
    /// confirms it, within the same patience.
    func watch<Answer: Sendable>(
        patience: @Sendable () -> Duration, _ call: @escaping @Sendable () async throws(DuoError) -> Answer
    ) async throws(DuoError) -> Answer {
        if let outage { throw outage.error }
        let end = now() + patience()
        // Whoever takes it confirms: the one who is tired of waiting, or the call itself when it has failed. Where another login was
        // confirming it is given back: that one may go away.
        let confirmation = Atomic(false)
        let isMine = { @Sendable in !confirmation.exchange(true, ordering: .relaxed) }
        let giveBack = { @Sendable in confirmation.store(false, ordering: .relaxed) }
        let result = await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                guard (try? await sleep(Self.suspicion)) != nil, isMine() else { return }
                if await !confirm(until: end) { giveBack() }
            }
            let result = await Self.result(of: call)
            if case .failure(let error) = result, error.isUnreachable {
                var isOurs = isMine()
                if !isOurs {
                    await group.waitForAll()
                    isOurs = isMine()
                }
                if isOurs { _ = await confirm(until: end) }
            }
            group.cancelAll()
            return result
        }
        if case .success = result { close() }
        return try result.get()
    }

    private static func result<Answer>(
        of call: @Sendable () async throws(DuoError) -> Answer
    ) async -> Result<Answer, DuoError> {
        do {
            return .success(try await call())
        } catch {
            return .failure(error)
        }
    }

    /// Duo has answered somebody.
    package func close() {
        let wasOpen = state.withLock { state in
            defer { state.outage = nil }
            state.answers &+= 1
            return state.outage != nil
        }
        if wasOpen { changed(nil) }
    }

    /// One confirmation at a time, for all logins that met trouble; false: another's runs.
    private func confirm(until end: ContinuousClock.Instant) async -> Bool {
        let before = state.withLock { state -> UInt64? in
            guard state.outage == nil, !state.isConfirming else { return nil }
            state.isConfirming = true
            return state.answers
        }
        guard let before else { return false }
        defer { state.withLock { $0.isConfirming = false } }
        guard let first = await silence(until: end) else { return true }
        // A server error is an answer of somebody's: once may be chance.
        if case .unreachable(.serverError) = first {
            guard (try? await sleep(Self.pause)) != nil, await silence(until: end) != nil else { return true }
        }
        open(first, unless: before)
        return true
    }

    /// What a ping met; nil where Duo answered, or where it says nothing about Duo.
    private func silence(until end: ContinuousClock.Instant) async -> DuoError? {
        do {
            try await ping(max(Self.leastPatience, now().duration(to: end)))
        } catch {
            return error.isUnreachable ? error : nil
        }
        return nil
    }

    private func open(_ error: DuoError, unless answers: UInt64) {
        let outage = Outage(since: now(), error: error)
        let isOpen = state.withLock { state in
            guard state.answers == answers else { return false }
            state.outage = outage
            return true
        }
        if isOpen { changed(outage) }
    }
}
