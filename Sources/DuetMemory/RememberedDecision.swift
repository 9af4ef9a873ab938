/// A decision as the store has it, for people to look at.
package struct RememberedDecision: Sendable, Equatable {
    /// Never zero, so that nothing means allow by accident.
    package enum Verdict: Int64, Sendable {
        case allow = 1
        case deny = 2
    }

    package let id: Int64
    package let verdict: Verdict
    package let uid: UInt32
    package let user: String
    package let duoUser: String
    package let service: String
    package let scope: ScopeBinding.Kind
    /// What it is bound to, in words.
    package let bound: String
    /// Nil for a denial.
    package let factor: String?
    package let loginID: String
    package let why: String
    package let age: Duration
    package let remaining: Duration
    package let used: Int
    package let usesLeft: Int?
}
