/// Finds the rules that may match a login by the names that they ask for, so that a login passes few of a thousand rules.
///
/// 1. Every rule that matches, in doubt or not, MUST be found: one is left out only where a condition of its `when` fails
///    for certain, because it lists names and the login has none of them.
/// 2. The order MUST be that of the rules.
/// Held by `PolicyPropertyTests`.
package struct RuleIndex: Sendable, Equatable {
    private enum Name: Hashable {
        case service(ExactName)
        case user(ExactName)
        case group(ExactName)
    }

    /// Places of the rules that list no names, or patterns.
    private var unnamed: [Int] = []
    /// A rule stands under every name of one of its lists.
    private var named: [Name: [Int]] = [:]
    private var groups: Set<ExactName> = []

    package init(_ rules: [Rule]) {
        let lists = rules.map { $0.when.flatMap(Self.lists) }
        let uses = Dictionary(lists.joined().joined().map { ($0, 1) }, uniquingKeysWith: +)
        for (place, lists) in lists.enumerated() {
            // By the names that fewest rules use: a thousand rules for sudo may each have a group of their own.
            let costs = lists.map { $0.reduce(0) { $0 + (uses[$1] ?? 0) } }
            guard let best = costs.indices.min(by: { costs[$0] < costs[$1] }) else {
                unnamed.append(place)
                continue
            }
            for name in lists[best] {
                named[name, default: []].append(place)
                if case .group(let group) = name { groups.insert(group) }
            }
        }
    }

    /// The places of all rules that may match, in their order; some twice.
    package func places(_ facts: RuleFacts) -> [Int] {
        var found: [Int] = []
        func find(_ name: Name) {
            if let places = named[name] { found += places }
        }
        find(.service(facts.service))
        find(.user(facts.user))
        switch facts.groups {
        case .known(let own):
            let (fewer, more) = own.count < groups.count ? (own, groups) : (groups, own)
            for group in fewer where more.contains(group) { find(.group(group)) }
        case .unknown:
            for group in groups { find(.group(group)) }
        }
        return found.isEmpty ? unnamed : (unnamed + found).sorted()
    }

    /// The condition fails for a login that has no name of any one of these lists.
    private static func lists(_ condition: Condition) -> [[Name]] {
        switch condition {
        case .service(let patterns): patterns.contains(where: \.isGlob) ? [] : [patterns.map { .service($0.name) }]
        case .user(let names): [names.map(Name.user)]
        case .group(let groups):
            (groups.any.isEmpty ? [] : [groups.any.map(Name.group)]) + groups.all.map { [.group($0)] }
        case .address, .tty, .publickey, .enabled, .time: []
        }
    }
}
