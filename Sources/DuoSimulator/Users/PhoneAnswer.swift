/// What a person does with a push or a call.
package enum PhoneAnswer: String, Sendable, CaseIterable {
    case approve, deny, fraud
    /// Nothing, until it expires.
    case timeout
}
