/// The person has pressed deny, or reported fraud, when the login that asked had gone.
package struct LateRefusal: Sendable {
    /// Of the login.
    package let request: LoginRequest
    package let isFraud: Bool
    /// Since the login began.
    package let elapsed: Duration

    package init(_ request: LoginRequest, isFraud: Bool, elapsed: Duration) {
        self.request = request
        self.isFraud = isFraud
        self.elapsed = elapsed
    }
}
