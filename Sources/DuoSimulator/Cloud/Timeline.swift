/// A clock as two closures, so that the actor need not be generic: time since its start, and a sleep.
package struct Timeline: Sendable {
    let now: @Sendable () -> Duration
    /// Absolute, so that a clock which jumps ahead before the sleep begins is not slept over.
    let sleepUntil: @Sendable (Duration) async throws -> Void

    package init<C: Clock>(_ clock: C) where C.Duration == Duration {
        let start = clock.now
        now = { start.duration(to: clock.now) }
        sleepUntil = { try await clock.sleep(until: start.advanced(by: $0), tolerance: nil) }
    }
}
