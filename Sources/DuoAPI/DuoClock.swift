import Synchronization

/// Unix time as Duo sees it: the host's wall clock plus the offset that the last ping measured.
///
/// Duo refuses signatures that are more than some minutes off (401, code 40105).
package final class DuoClock: Sendable {
    private let wallClock: @Sendable () -> Int64
    private let measured = Atomic<Int64>(0)

    /// `wallClock` returns Unix seconds.
    package init(wallClock: @escaping @Sendable () -> Int64) {
        self.wallClock = wallClock
    }

    /// Seconds to add to the host's clock; positive when the host is behind.
    package var offset: Int64 { measured.load(ordering: .relaxed) }

    package var now: Int64 { wallClock() &+ offset }

    func correct(toServerTime time: Int64) {
        measured.store(time &- wallClock(), ordering: .relaxed)
    }
}
