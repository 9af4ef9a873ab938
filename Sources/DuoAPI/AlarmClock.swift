/// Tasks that wait for a time, the earliest first. `Transport.sleep` keeps it under the lock of its loop's inbox.
struct AlarmClock {
    typealias Sleeper = CheckedContinuation<Void, Never>

    private var sleepers: [(id: UInt64, end: ContinuousClock.Instant, sleeper: Sleeper)] = []
    private var lastID: UInt64 = 0

    /// When the first has to be woken.
    var next: ContinuousClock.Instant? { sleepers.first?.end }

    mutating func newID() -> UInt64 {
        lastID += 1
        return lastID
    }

    mutating func add(_ id: UInt64, _ end: ContinuousClock.Instant, _ sleeper: Sleeper) {
        // Nearly all wait equally long: whoever comes last is last.
        let place = sleepers.lastIndex { $0.end <= end }.map { $0 + 1 } ?? 0
        sleepers.insert((id, end, sleeper), at: place)
    }

    /// Nil when it has been woken.
    mutating func remove(_ id: UInt64) -> Sleeper? {
        sleepers.firstIndex { $0.id == id }.map { sleepers.remove(at: $0).sleeper }
    }

    /// Those whose time has come.
    mutating func due(_ now: ContinuousClock.Instant) -> [Sleeper] {
        guard let next, next <= now else { return [] }
        let due = sleepers.prefix { $0.end <= now }
        sleepers.removeFirst(due.count)
        return due.map(\.sleeper)
    }

    mutating func all() -> [Sleeper] {
        defer { sleepers = [] }
        return sleepers.map(\.sleeper)
    }
}
