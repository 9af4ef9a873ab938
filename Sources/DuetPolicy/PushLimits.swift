/// When the pushes, calls and SMS of one person stop.
package struct PushLimits: Sendable, Equatable {
    /// Waiting on the phone at once. Two: whoever knows the password may hold one of them, and the owner's still comes.
    package var maxPending: Int
    /// Within `window`: denied, timed out and abandoned ones. Three is a slip, a slow hand and one more.
    package var maxDenied: Int
    package var window: Duration
    /// How long after the last of them.
    package var cooldown: Duration
    /// SMS within `cooldown` that no right passcode followed: each costs telephony credits.
    package var maxSMS: Int
    /// After the user has reported fraud: somebody else knows their password.
    package var fraudCooldown: Duration

    package static let pendingCounts = 1...10
    package static let deniedCounts = 1...100
    package static let smsCounts = 1...100
    package static let windows: ClosedRange<Duration> = .seconds(60) ... .seconds(3_600)
    package static let cooldowns: ClosedRange<Duration> = .seconds(60) ... .seconds(24 * 3_600)
    package static let standard = PushLimits()

    package init(
        maxPending: Int = 2, maxDenied: Int = 3, window: Duration = .seconds(300), cooldown: Duration = .seconds(900),
        maxSMS: Int = 3, fraudCooldown: Duration = .seconds(3_600)
    ) {
        self.maxPending = maxPending
        self.maxDenied = maxDenied
        self.window = window
        self.cooldown = cooldown
        self.maxSMS = maxSMS
        self.fraudCooldown = fraudCooldown
    }
}
