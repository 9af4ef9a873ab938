/// One thing that a rule asks about a login. A new one: a case here, its keyword in `ConditionReader`, rows in
/// `ConditionTests` and `RuleReaderTests`; the compiler names the rest.
package enum Condition: Sendable, Equatable {
    /// The service is one of these.
    case service([ServicePattern])
    /// The user is one of these.
    case user([ExactName])
    case group(GroupCondition)
    /// The login comes from one of these.
    case address([ClientPlace])
    /// The login has, or has not, a terminal.
    case tty(Bool)
    /// sshd has, or has not, accepted a key.
    case publickey(Bool)
    /// The user is, or is not, on the list of those whom Duet manages.
    case enabled(Bool)
    case time(TimeWindow)

    package func truth(_ facts: RuleFacts) -> Truth {
        switch self {
        case .service(let patterns):
            Truth(patterns.contains { $0.matches(facts.service) })
        case .user(let names):
            Truth(names.contains(facts.user))
        case .group(let condition):
            switch facts.groups {
            case .known(let groups): Truth(condition.holds(for: groups))
            case .unknown: .unknown
            }
        case .address(let places):
            Truth.any(places.map { $0.truth(facts) })
        case .tty(let flag):
            Truth(facts.hasTerminal == flag)
        case .publickey(let flag):
            Truth(facts.usedPublicKey == flag)
        case .enabled(let flag):
            facts.isEnabled.map { Truth($0 == flag) } ?? .unknown
        case .time(let window):
            Truth(window.contains(facts.time))
        }
    }

    /// Whether a login may lack the fact that this asks for.
    package var canBeUnknown: Bool {
        switch self {
        case .group, .enabled: true
        case .address(let places): places.contains { $0 != .local }
        case .service, .user, .tty, .publickey, .time: false
        }
    }
}
