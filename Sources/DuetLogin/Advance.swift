/// How far a login has come by itself. `Login` says how it goes on.
package indirect enum Advance: Sendable {
    case decided(Outcome)
    /// The person has to be asked this: `goOn(_:answer:)`. Until they answer, nothing of the login runs.
    case asks(String, Course)
    /// A push or a call has to be sent, and waited for: `goOn(_:sending:)`. Apart, because what the login needed until here
    /// is not needed while a person looks for their phone.
    case sends(Approval, Course)
}
