import DuetMemory
package import DuoAPI
import Synchronization

/// Answers of Duo's preauth, asked for while a person types their password: each serves the login that follows in the same
/// process.
///
/// 1. MUST keep nothing but "a factor is needed", and not where a push has to carry a code. Whoever is let in, refused or
///    has to enroll is asked about again by the login itself, and so is everybody after an error: no fail mode comes from
///    here.
/// 2. MUST be found under an equal key only, once, and within `life`.
/// 3. MUST NOT ask more than the limits permit. What is over them is dropped, and nobody is told.
/// 4. MUST NOT keep a login waiting longer than it says.
/// 5. MUST NOT grow: there are never more answers than may be asked for within `life`.
/// Held by `PrefetchesTests`.
package final class Prefetches: Sendable {
    private enum Progress {
        case running
        /// The login is here already.
        case awaited(CheckedContinuation<[Device]?, Never>)
        case kept([Device], until: Duration)

        func isLive(_ now: Duration) -> Bool {
            switch self {
            case .running, .awaited: true
            case .kept(_, let until): now < until
            }
        }
    }

    private struct State {
        var entries: [PrefetchKey: (id: UInt64, progress: Progress)] = [:]
        /// Requests to Duo within the last minute.
        var asked: [(at: Duration, source: PrefetchSource)] = []
        var inFlight = 0
        var dropped: UInt64 = 0
        var lastID: UInt64 = 0
    }

    private static let minute = Duration.seconds(60)

    private let limits: PrefetchLimits
    private let clock: @Sendable () -> Duration
    private let state = Mutex(State())

    package init(limits: PrefetchLimits = PrefetchLimits(), clock: @escaping @Sendable () -> Duration = BootClock.now) {
        self.limits = limits
        self.clock = clock
    }

    /// How many have been dropped since the start.
    package var dropped: UInt64 { state.withLock { $0.dropped } }
    /// How many run or wait for their login.
    var count: Int { state.withLock { $0.entries.count } }

    /// Runs `body`, which looks for what to ask and calls `ask`, unless too many do so now.
    package func admitted(_ body: () async -> PrefetchEnd) async -> PrefetchEnd {
        let isAdmitted = state.withLock { state in
            guard state.inFlight < limits.inFlight else {
                state.dropped += 1
                return false
            }
            state.inFlight += 1
            return true
        }
        guard isAdmitted else { return .dropped }
        defer { state.withLock { $0.inFlight -= 1 } }
        return await body()
    }

    /// Asks Duo by `preauth`, and keeps what it says for the login with this key.
    package func ask(
        _ key: PrefetchKey, from source: PrefetchSource, _ preauth: () async throws(DuoError) -> PreauthResult
    ) async -> PrefetchEnd {
        let id: UInt64
        switch begin(key, source) {
        case .begun(let begun): id = begun
        case .not(let end): return end
        }
        var devices: [Device]?
        if case .auth(let answered, _, nil) = try? await preauth() { devices = answered }
        finish(key, id, devices)
        return devices == nil ? .notKept : .kept
    }

    /// What was kept for the login with this key; while it is still being asked for, waits for it until `patience` is over.
    func take(_ key: PrefetchKey, within patience: Duration) async -> [Device]? {
        guard state.withLock({ $0.entries[key] != nil }) else { return nil }
        return await withTaskGroup(of: [Device]?.self) { group in
            defer { group.cancelAll() }
            group.addTask { await self.wait(key) }
            group.addTask {
                // Cancelled when the answer was faster; then nobody reads what this returns.
                try? await Task.sleep(for: patience)
                return nil
            }
            return await group.next() ?? nil
        }
    }

    private enum Beginning {
        case begun(UInt64)
        case not(PrefetchEnd)
    }

    private func begin(_ key: PrefetchKey, _ source: PrefetchSource) -> Beginning {
        let now = clock()
        return state.withLock { state in
            state.asked.removeAll { $0.at + Self.minute <= now }
            state.entries = state.entries.filter { $0.value.progress.isLive(now) }
            if state.entries[key] != nil { return .not(.known) }
            guard state.asked.count < limits.perMinute,
                state.asked.count(where: { $0.source == source }) < limits.perMinuteOfOne
            else {
                state.dropped += 1
                return .not(.dropped)
            }
            state.asked.append((now, source))
            state.lastID += 1
            state.entries[key] = (state.lastID, .running)
            return .begun(state.lastID)
        }
    }

    private func finish(_ key: PrefetchKey, _ id: UInt64, _ devices: [Device]?) {
        let until = clock() + limits.life
        let waiting = state.withLock { state -> CheckedContinuation<[Device]?, Never>? in
            // A login that would not wait any longer has asked for itself: then nobody may find this.
            guard let entry = state.entries[key], entry.id == id else { return nil }
            switch entry.progress {
            case .awaited(let continuation):
                state.entries[key] = nil
                return continuation
            case .running, .kept:
                state.entries[key] = devices.map { (id, .kept($0, until: until)) }
                return nil
            }
        }
        waiting?.resume(returning: devices)
    }

    private func wait(_ key: PrefetchKey) async -> [Device]? {
        let now = clock()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let found = state.withLock { state -> [Device]?? in
                    // The handler below ran already if this is true, and finds the continuation if it is not.
                    guard !Task.isCancelled, let entry = state.entries[key] else { return .some(nil) }
                    switch entry.progress {
                    case .kept(let devices, let until):
                        state.entries[key] = nil
                        return .some(now < until ? devices : nil)
                    case .awaited:
                        return .some(nil)
                    case .running:
                        state.entries[key]?.progress = .awaited(continuation)
                        return nil
                    }
                }
                if let found { continuation.resume(returning: found) }
            }
        } onCancel: {
            let waiting = state.withLock { state -> CheckedContinuation<[Device]?, Never>? in
                guard case .awaited(let continuation) = state.entries[key]?.progress else { return nil }
                state.entries[key] = nil
                return continuation
            }
            waiting?.resume(returning: nil)
        }
    }
}
