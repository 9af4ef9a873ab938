/// A login that cannot be decided at once, on its way to the task that waits for it.
final class PendingLogin: Sendable {
    let id: String
    let start: ContinuousClock.Instant
    let connection: LoginConnection
    let decider: LoginDecider
    /// What it waits for first.
    let need: LoginDecider.Need

    init(
        id: String, start: ContinuousClock.Instant, connection: LoginConnection, decider: LoginDecider,
        need: LoginDecider.Need
    ) {
        self.id = id
        self.start = start
        self.connection = connection
        self.decider = decider
        self.need = need
    }
}
