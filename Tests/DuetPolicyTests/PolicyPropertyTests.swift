import DuetPolicy
import Testing

/// Random rules and random logins from a small world, so that they meet often.
@Suite("Policy, against a second implementation")
struct PolicyPropertyTests {
    // Mismatches are recorded by hand: an expectation a login would spend its time on taking expressions apart.

    @Test("The engine and a naive second one agree on every login", arguments: 0..<40)
    func agree(_ seed: UInt64) {
        var world = RandomWorld(seed: seed)
        for _ in 0..<50 {
            let policy = Policy(rules: world.rules())
            for _ in 0..<20 {
                let facts = world.facts()
                let evaluation = policy.evaluate(facts)
                let (index, action) = NaivePolicy.decide(policy.rules, facts)
                let agrees =
                    evaluation.rule == index.map { policy.rules[$0] } && evaluation.action == action
                    && evaluation.trace.count == index.map { $0 + 1 } ?? policy.rules.count
                    && evaluation == policy.evaluate(facts)
                if !agrees { Issue.record("\(policy.rules) \(facts): \(evaluation), not \(action)") }
            }
        }
    }

    @Test(
        "Without a trace, which looks at few of many rules, the naive one is agreed with all the same",
        arguments: 0..<40)
    func agreeUntraced(_ seed: UInt64) {
        var world = RandomWorld(seed: seed &+ 3_000)
        var places: Set<Int?> = []
        for round in 0..<12 {
            let policy = Policy(rules: round.isMultiple(of: 4) ? world.rules() : world.manyRules())
            for _ in 0..<20 {
                let facts = world.rareFacts()
                let evaluation = policy.evaluate(facts, traced: false)
                let (place, action) = NaivePolicy.decide(policy.rules, facts)
                places.insert(place)
                let agrees =
                    evaluation.rule == place.map { policy.rules[$0] } && evaluation.action == action
                    && evaluation.trace.isEmpty && evaluation == policy.evaluate(facts, traced: false)
                if !agrees { Issue.record("\(policy.rules) \(facts): \(evaluation), not \(action)") }
            }
        }
        #expect(places.count > 10)
    }

    @Test(
        "Every rule that matches is found by its names, in doubt too, and the order is that of the rules",
        arguments: 0..<20)
    func indexMissesNone(_ seed: UInt64) {
        var world = RandomWorld(seed: seed &+ 4_000)
        for _ in 0..<10 {
            let rules = world.manyRules()
            let index = RuleIndex(rules)
            for _ in 0..<10 {
                let facts = world.rareFacts()
                let places = index.places(facts)
                if places != places.sorted() { Issue.record("\(places)") }
                for place in rules.indices where !places.contains(place) {
                    if NaivePolicy.decide([rules[place]], facts).0 != nil { Issue.record("\(rules[place]) \(facts)") }
                }
            }
        }
    }

    @Test("A bypass holds whatever the facts are that could not be found out", arguments: 0..<40)
    func bypassIsCertain(_ seed: UInt64) {
        var world = RandomWorld(seed: seed &+ 1_000)
        var count = 0
        for _ in 0..<300 {
            let policy = Policy(rules: world.rules())
            let facts = world.facts()
            let evaluation = policy.evaluate(facts)
            guard case .bypass = evaluation.action, let rule = evaluation.rule else { continue }
            for _ in 0..<10 {
                let completed = world.completed(facts)
                let holds = Policy(rules: [rule]).evaluate(completed).rule == rule
                if !holds { Issue.record("\(rule) \(completed)") }
                count += 1
            }
        }
        #expect(count > 100)
    }

    @Test(
        "A rule that is called unreachable never decides, and one that is called contradictory never matches",
        arguments: 0..<40)
    func review(_ seed: UInt64) {
        var world = RandomWorld(seed: seed &+ 2_000)
        var count = 0
        for _ in 0..<60 {
            let rules = world.rules()
            let policy = Policy(rules: rules)
            let dead = rules.indices.filter { index in rules[..<index].contains { rules[index].isShadowed(by: $0) } }
            let contradictory = rules.filter { $0.contradiction != nil }
            count += dead.count
            for _ in 0..<20 {
                let facts = world.facts()
                let decided = policy.evaluate(facts).rule
                if dead.contains(where: { decided == rules[$0] }) { Issue.record("\(rules) \(facts)") }
                let known = world.completed(facts)
                for rule in contradictory where Policy(rules: [rule]).evaluate(known).rule != nil {
                    Issue.record("\(rule) \(known)")
                }
            }
        }
        #expect(count > 10)
    }
}
