import DuetPolicy

/// Rules and logins of a world with few names, from a seed.
struct RandomWorld {
    private static let services = ["sshd", "sudo", "su", "login", "sudo-i"]
    private static let patterns = services + ["*", "su*", "s?", "s*d", "*-i"]
    private static let users: [ExactName] = ["root", "alice", "bob"]
    private static let groups: [ExactName] = ["wheel", "staff", "ops"]
    private static let ranges = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "2001:db8::/32", "::/0"]
    private static let addresses = ["10.1.2.3", "10.1.9.9", "10.9.9.9", "192.0.2.7", "2001:db8::7", "fe80::1"]

    /// Names that one rule or login of many has; some rules take them for patterns of services, or leave a list empty.
    private static let rare = (0..<30).map { "rare-\($0)" }

    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func rules() -> [Rule] {
        (0..<Int.random(in: 0...5, using: &random)).map { index in
            Rule(name: "rule \(index)", when: conditions(), unless: chance(2) ? conditions() : [], action: action())
        }
    }

    /// Many rules, most of them for few logins.
    mutating func manyRules() -> [Rule] {
        (0..<Int.random(in: 20...300, using: &random)).map { index in
            let when = narrowConditions() + (chance(3) ? conditions() : [])
            return Rule(name: "rule \(index)", when: when, unless: chance(3) ? conditions() : [], action: action())
        }
    }

    /// A login that has some of the names that are rare.
    mutating func rareFacts() -> RuleFacts {
        var facts = facts()
        if chance(3) { facts.service = ExactName(pick(Self.rare)) }
        if chance(2) { facts.user = ExactName(pick(Self.rare)) }
        if case .known(let groups) = facts.groups, chance(2) {
            facts.groups = .known(groups.union((0..<Int.random(in: 0...40, using: &random)).map { _ in rareName() }))
        }
        return facts
    }

    /// A login as there may be one: sshd alone has keys, and always a client.
    mutating func facts() -> RuleFacts {
        let service = pick(Self.services)
        let isSSH = service == "sshd"
        let client: RuleFacts.Client =
            switch Int.random(in: isSSH ? 1...3 : 0...3, using: &random) {
            case 0: .none
            case 1: .unclear
            default: .at(pick(Self.addresses))
            }
        return RuleFacts(
            service: ExactName(service), user: pick(Self.users),
            groups: chance(4) ? .unknown : .known(Set(some(Self.groups))), client: client, isOnConsole: chance(2),
            tty: pick([nil, "", "ssh", "tty1", "pts/3"]), usedPublicKey: isSSH && chance(2),
            isEnabled: pick([true, false, nil]), time: Int64.random(in: 1_700_000_000...1_800_000_000, using: &random))
    }

    /// The same login, with everything known that could be.
    mutating func completed(_ facts: RuleFacts) -> RuleFacts {
        var facts = facts
        if facts.groups == .unknown { facts.groups = .known(Set(some(Self.groups))) }
        if facts.client == .unclear { facts.client = .at(pick(Self.addresses)) }
        facts.isEnabled = facts.isEnabled ?? chance(2)
        return facts
    }

    private mutating func conditions() -> [Condition] {
        Condition.Keyword.allCases.compactMap { keyword -> Condition? in
            guard chance(5) else { return nil }
            switch keyword {
            case .service: return .service(several(Self.patterns).map(ServicePattern.init))
            case .user: return .user(several(Self.users))
            case .group: return .group(GroupCondition(any: some(Self.groups), all: few(), not: few()))
            case .address:
                let ranges = several(Self.ranges).compactMap { AddressRange($0) }.map(ClientPlace.range)
                return .address(chance(3) ? [.local] + (chance(2) ? ranges : []) : ranges)
            case .tty: return .tty(chance(2))
            case .publickey: return .publickey(chance(2))
            case .enabled: return .enabled(chance(2))
            case .time:
                let hours = ["08:00-18:00", "22:00-06:00", "00:00-24:00"].compactMap(HourSpan.init)
                return .time(TimeWindow(days: several(Weekday.allCases), hours: some(hours)))
            }
        }
    }

    /// One or two of those that rules are found by.
    private mutating func narrowConditions() -> [Condition] {
        (0..<Int.random(in: 1...2, using: &random)).map { _ in
            switch Int.random(in: 0...2, using: &random) {
            case 0:
                let pattern = ServicePattern(pick(["rare-1*", "rare-?", "*"]))
                return .service(rareNames().map { ServicePattern($0.description) } + (chance(6) ? [pattern] : []))
            case 1:
                return .user(rareNames() + (chance(6) ? [pick(Self.users)] : []))
            default:
                let common = pick(Self.groups)
                return .group(
                    GroupCondition(
                        any: chance(2) ? rareNames() : [],
                        all: chance(2) ? rareNames() + (chance(3) ? [common] : []) : [],
                        not: chance(3) ? rareNames() + [common] : []))
            }
        }
    }

    private mutating func rareNames() -> [ExactName] {
        (0..<Int.random(in: 0...3, using: &random)).map { _ in rareName() }
    }

    private mutating func rareName() -> ExactName { ExactName(pick(Self.rare)) }

    private mutating func action() -> RuleAction {
        switch Int.random(in: 0...3, using: &random) {
        case 0: .deny(text: "no")
        case 1: .require(Requirement(fail: .open, remember: Remember(allow: .seconds(60), scope: .tty)))
        case 2: .bypass(.success)
        default: .bypass(.ignore)
        }
    }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    private mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: choices.indices, using: &random)] }

    private mutating func some<T>(_ choices: [T]) -> [T] { choices.filter { _ in chance(2) } }

    private mutating func few() -> [ExactName] { chance(3) ? some(Self.groups) : [] }

    private mutating func several<T>(_ choices: [T]) -> [T] {
        let chosen = some(choices)
        return chosen.isEmpty ? [pick(choices)] : chosen
    }
}
