import DuetPolicy
import Testing

/// Random rules and random logins from a small world, so that they meet often.
@Suite("Policy, against a second implementation")
struct PolicyPropertyTests {
    @Test("The engine and a naive second one agree on every login", arguments: 0..<40)
    func agree(_ seed: UInt64) {
        var world = RandomWorld(seed: seed)
        for _ in 0..<50 {
            let policy = Policy(rules: world.rules())
            for _ in 0..<20 {
                let facts = world.facts()
                let evaluation = policy.evaluate(facts)
                let (index, action) = NaivePolicy.decide(policy.rules, facts)
                #expect(evaluation.rule == index.map { policy.rules[$0] }, "\(policy.rules) \(facts)")
                #expect(evaluation.action == action, "\(policy.rules) \(facts)")
                #expect(evaluation.trace.count == (index.map { $0 + 1 } ?? policy.rules.count))
                #expect(evaluation == policy.evaluate(facts))
            }
        }
    }

    @Test("A bypass holds whatever the facts are that could not be found out", arguments: 0..<40)
    func bypassIsCertain(_ seed: UInt64) {
        var world = RandomWorld(seed: seed &+ 1_000)
        for _ in 0..<500 {
            let policy = Policy(rules: world.rules())
            let facts = world.facts()
            let evaluation = policy.evaluate(facts)
            guard case .bypass = evaluation.action, let rule = evaluation.rule else { continue }
            for _ in 0..<10 {
                let completed = world.completed(facts)
                #expect(Policy(rules: [rule]).evaluate(completed).rule == rule, "\(rule) \(completed)")
            }
        }
    }

    @Test(
        "A rule that is called unreachable never decides, and one that is called contradictory never matches",
        arguments: 0..<40)
    func review(_ seed: UInt64) {
        var world = RandomWorld(seed: seed &+ 2_000)
        for _ in 0..<60 {
            let rules = world.rules()
            let policy = Policy(rules: rules)
            let dead = rules.indices.filter { index in rules[..<index].contains { rules[index].isShadowed(by: $0) } }
            for _ in 0..<20 {
                let facts = world.facts()
                let decided = policy.evaluate(facts).rule
                for index in dead { #expect(decided != rules[index], "\(rules) \(facts)") }
                let known = world.completed(facts)
                for rule in rules where rule.contradiction != nil {
                    #expect(Policy(rules: [rule]).evaluate(known).rule == nil, "\(rule) \(known)")
                }
            }
        }
    }
}
