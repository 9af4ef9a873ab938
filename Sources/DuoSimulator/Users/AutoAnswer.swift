/// How a user's pushes and calls are answered without a person at the phone.
package enum AutoAnswer: Sendable, Equatable {
    case answer(PhoneAnswer)
    /// Nobody answers: the push expires.
    case ignore
    /// The account is locked by this very attempt.
    case lockedOut
    /// Any result and status, known to Duo's documentation or not.
    case step(TransactionStep)
}
