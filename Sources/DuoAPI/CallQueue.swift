import Synchronization

/// Calls that libcurl does not have yet, first come first served: they wait for one of the connections there may be.
///
/// libcurl could queue them itself; but then its thread hears nothing, once one of them has timed out, until the bound of its
/// poll is over (measured with 7.88): no answer, no cancellation.
struct CallQueue {
    private var calls: [Call] = []

    var isEmpty: Bool { calls.isEmpty }
    /// Of the first whose time will be over.
    var end: ContinuousClock.Instant? { calls.lazy.map(\.end).min() }

    mutating func add(_ arrivals: [Call], now: ContinuousClock.Instant = .now) {
        for call in arrivals { call.arrival = now }
        calls += arrivals
    }

    /// Whoever has waited here for longer than what is left of their time had to wait, too: where thousands come at once, not
    /// all are taken at once, and what comes of it must not look like Duo's silence.
    mutating func take(_ most: Int, now: ContinuousClock.Instant = .now) -> [Call] {
        let first = Array(calls.prefix(most))
        calls.removeFirst(first.count)
        for call in first where now - (call.arrival ?? now) >= call.end - now { call.hadToQueue = true }
        return first
    }

    /// Those that stay had to wait for others. Those whose time is over may not take that for Duo's silence: somebody with
    /// many pushes pending would otherwise lead the next one to the fail mode.
    mutating func sweep(now: ContinuousClock.Instant) {
        calls.removeAll { call in
            call.hadToQueue = true
            let isCancelled = call.cancelled.load(ordering: .sequentiallyConsistent)
            guard isCancelled || call.end <= now else { return false }
            call.finish(.failure(isCancelled ? .cancelled : .local(.connectionLimit)))
            return true
        }
    }
}
