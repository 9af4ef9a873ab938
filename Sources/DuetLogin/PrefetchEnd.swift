/// What became of a prefetch; for the log at debug level, and for nobody else.
package enum PrefetchEnd: String, Sendable {
    /// Its answer waits for the login, or has reached it.
    case kept
    /// The login would not ask Duo, or what it would ask is not asked ahead.
    case notNeeded = "not_needed"
    /// This login has one already.
    case known
    /// A limit is reached.
    case dropped
    /// Duo said something that only the login itself may hear, or nothing.
    case notKept = "not_kept"
}
