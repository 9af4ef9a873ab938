import DuoAPI

/// Duo's "a factor is needed", and when it said so. An object, as is all that a login holds while it waits.
final class Challenge: Sendable {
    /// How long a Verified Push's transaction may be used. Duo's 60 s, less what the request needs to arrive.
    private static let verifiedLife = Duration.seconds(50)

    let devices: [Device]
    /// The code that a push has to carry; nil where an ordinary push will do.
    let verified: VerifiedPush?
    /// What was left of the login's time when Duo answered.
    let remaining: Duration
    /// Duo has said it to an earlier login; whatever it rejects may be out of date.
    let isKept: Bool

    init(devices: [Device], verified: VerifiedPush?, remaining: Duration, isKept: Bool = false) {
        self.devices = devices
        self.verified = verified
        self.remaining = remaining
        self.isKept = isKept
    }

    /// Whether a push may be sent on this answer when `remaining` is left.
    func isFresh(_ remaining: Duration) -> Bool {
        verified == nil || self.remaining - remaining < Self.verifiedLife
    }
}
