import DuetPolicy
import DuoAPI

/// A push or a call: what is said of it, and the two ways to send it.
struct Approval: Sendable {
    let factor: Factor
    let stage: LoginStage
    /// Shown while it is waited for.
    let announcement: String
    /// Asked while it is waited for.
    let prompt: String
    /// Nil: it is sent for this login alone.
    let flight: FlightKey?
    /// Sends it and waits for the end, in one request.
    let waiting: @Sendable () async throws(DuoError) -> AuthResult
    /// Sends it; `authStatus` says how it goes.
    let starting: @Sendable () async throws(DuoError) -> TransactionID
}
