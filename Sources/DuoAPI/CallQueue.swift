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

    mutating func add(_ arrivals: [Call]) {
        calls += arrivals
    }

    mutating func take(_ most: Int) -> [Call] {
        let first = Array(calls.prefix(most))
        calls.removeFirst(first.count)
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
