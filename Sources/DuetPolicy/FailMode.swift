/// What happens to a login when Duo cannot be reached at or before preauth. Nothing else ever looks at it.
package enum FailMode: String, Sendable, CaseIterable {
    /// Refuse. The default.
    case closed
    /// Let in with the first factor alone, loudly.
    case open
}
