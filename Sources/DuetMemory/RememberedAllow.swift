package import DuetPolicy

/// An allow that still holds.
package struct RememberedAllow: Sendable, Equatable {
    package let id: Int64
    package let factor: Factor
    /// Of the login that was allowed.
    package let loginID: String
}
