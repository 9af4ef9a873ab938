/// How a push or call ended. All but an approval count against the person's budget.
package enum PushOutcome: Sendable, CaseIterable {
    case approved
    /// The user pressed deny.
    case denied
    /// The user reported fraud.
    case fraud
    /// Nobody answered.
    case timedOut
    /// The login went away, or Duo answered something else.
    case abandoned
}
