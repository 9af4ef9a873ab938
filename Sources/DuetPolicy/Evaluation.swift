/// What a policy says to a login, and why.
package struct Evaluation: Sendable, Equatable {
    package struct Step: Sendable, Equatable {
        /// The rule's name.
        package let rule: String
        package let match: RuleMatch
        /// Whether this rule was the one.
        package let decides: Bool
    }

    /// nil: no rule matched, and `action` is to deny.
    package let rule: Rule?
    /// The rule's action, more careful where the rule matched in doubt.
    package let action: RuleAction
    /// Every rule that was looked at, in order; the last one decided, unless none did.
    package let trace: [Step]
}
