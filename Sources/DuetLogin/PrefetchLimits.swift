/// How much may be asked ahead. Whoever can reach sshd can cause it, so that it must not use up what Duo permits to logins.
package struct PrefetchLimits: Sendable, Equatable {
    /// At once, from whomever.
    package var inFlight = 8
    package var perMinute = 60
    /// Of one `PrefetchSource`.
    package var perMinuteOfOne = 10
    /// How long an answer may wait for its login.
    package var life = Duration.seconds(60)

    package init() {}
}
