/// Which failures of a call are answered by doing it again, and after how long. What dies on the wire is the transport's
/// business (`Transport.send`); this is about answers.
package struct Repetition {
    /// As Duo's own clients: 1, 2, 4, 8, 16, 32 s and then no more. A longer `Retry-After` is not waited for either.
    private static let backOffs = 6
    private static let longest = Duration.seconds(32)

    let delivery: Request.Delivery
    private var limitations = 0
    private var serverErrors = 0

    package init(_ delivery: Request.Delivery) {
        self.delivery = delivery
    }

    /// Nil: the error stands. `random` lies between 0 and 1 and keeps hosts that failed together from coming back
    /// together.
    package mutating func wait(after error: DuoError, random: Double) -> Duration? {
        switch error {
        // A factor that was refused has arrived all the same: it is the person's to ask for it again.
        case .rateLimited(let retryAfter):
            limitations += 1
            guard delivery == .repeatable, limitations <= Self.backOffs else { return nil }
            guard let retryAfter else { return .seconds(1 << (limitations - 1)) + .seconds(1) * random }
            return retryAfter > Self.longest ? nil : retryAfter + .milliseconds(250) * random
        // A gateway in front of Duo that is being replaced. A factor may have been passed on before: never again.
        case .unreachable(.serverError(502...504)):
            guard delivery == .repeatable, serverErrors == 0 else { return nil }
            serverErrors += 1
            return .milliseconds(200) + .milliseconds(300) * random
        case .unreachable, .certificate, .unauthorized, .forbidden, .rejected, .malformed, .tooLarge,
            .invalidParameter, .cancelled, .shutDown, .local:
            return nil
        }
    }
}
