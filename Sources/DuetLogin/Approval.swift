import DuetPolicy
import DuoAPI

/// A push or a call: what is said of it, how it is waited for, and the two ways to send it.
package final class Approval: Sendable {
    /// How a push or a call is waited for.
    enum Manner: Sendable {
        /// Shows what there is to show, asks nothing.
        case silently
        /// Asks for Enter, or another answer, while the push is followed.
        case atPrompt
    }

    /// Logins that wait for one push or call. An object, for it is as large as all the rest.
    final class Flight: Sendable {
        let key: FlightKey

        init(_ key: FlightKey) { self.key = key }
    }

    let factor: Factor
    let manner: Manner
    let stage: LoginStage
    /// Shown while it is waited for.
    let announcement: String
    /// Asked while it is waited for.
    let prompt: String
    /// Nil: it is sent for this login alone.
    let flight: Flight?
    /// Sends it and waits for the end, in one request.
    let waiting: @Sendable () async throws(DuoError) -> AuthResult
    /// Sends it; `authStatus` says how it goes.
    let starting: @Sendable () async throws(DuoError) -> TransactionID

    init(
        factor: Factor, manner: Manner, stage: LoginStage, announcement: String, prompt: String, flight: FlightKey?,
        waiting: @escaping @Sendable () async throws(DuoError) -> AuthResult,
        starting: @escaping @Sendable () async throws(DuoError) -> TransactionID
    ) {
        self.factor = factor
        self.manner = manner
        self.stage = stage
        self.announcement = announcement
        self.prompt = prompt
        self.flight = flight.map { Flight($0) }
        self.waiting = waiting
        self.starting = starting
    }
}
