package import DuetPolicy

/// How a login was allowed, as far as it is remembered.
package struct Grant: Sendable {
    package var factor: Factor
    /// The id under which the log has the login.
    package var loginID: String
    /// For people: what allowed it.
    package var why: String
    /// When the login began, by the boot clock. Whoever was denied since then is not remembered.
    package var begun: Duration

    package init(factor: Factor, loginID: String, why: String, begun: Duration) {
        self.factor = factor
        self.loginID = loginID
        self.why = why
        self.begun = begun
    }
}
