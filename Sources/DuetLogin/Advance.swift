/// How far a login has come by itself.
package enum Advance: Sendable {
    case decided(Outcome)
    /// The person has to be asked this; `Login.goOn` takes their answer. Until then nothing of the login runs.
    case asks(String, Course)
}
