/// What a rule does with a login that it matches.
package enum RuleAction: Sendable, Equatable {
    /// Duo is asked.
    case require(Requirement)
    /// Duo is not asked, and the module answers with this.
    case bypass(BypassVerdict)
    /// The login is refused; the text is for the person.
    case deny(text: String?)

    package enum Kind: String, Sendable, CaseIterable {
        case require, bypass, deny
    }

    package var kind: Kind {
        switch self {
        case .require: .require
        case .bypass: .bypass
        case .deny: .deny
        }
    }
}
