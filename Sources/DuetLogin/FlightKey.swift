import DuetMemory
import DuetPolicy
import DuoAPI

/// What two logins must have in common to wait for one push: everything that the phone shows, and everything that the
/// decision is remembered under. An approval meant for one must never let in another.
package struct FlightKey: Sendable, Hashable {
    let key: DecisionKey
    let factor: Factor
    let device: String
    let address: ClientAddress?
    let type: String?
    let displayUsername: String?
    /// What the push says, but for the id of the login.
    let lines: [String]
}
