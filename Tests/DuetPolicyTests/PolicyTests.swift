import DuetPolicy
import Testing

@Suite("Policy")
struct PolicyTests {
    private static let open = Requirement(fail: .open, remember: Remember(allow: .seconds(900), scope: .tty))

    @Test("The first rule that matches decides, and the trace says why those before it did not")
    func firstMatch() {
        let rules = [
            Rule(name: "a", when: [.user(["bob"])], action: .bypass(.success)),
            Rule(name: "b", when: [.service([ServicePattern("su*")])], action: .deny(text: "no")),
            Rule(name: "c", action: .bypass(.success)),
        ]
        let evaluation = Policy(rules: rules).evaluate(.sample())
        #expect(evaluation.rule?.name == "b")
        #expect(evaluation.action == .deny(text: "no"))
        #expect(evaluation.trace.map(\.rule) == ["a", "b"])
        #expect(evaluation.trace.map(\.decides) == [false, true])
        #expect(evaluation.trace[0].match == .fails(.when(.user(["bob"]))))
        #expect(evaluation.trace[0].match.reason(.sample()) == "user = [\"bob\"] does not hold: the user is alice")
    }

    @Test("A login that no rule matches is denied")
    func noRule() {
        let evaluation = Policy(rules: [Rule(name: "a", when: [.user(["bob"])], action: .bypass(.success))])
            .evaluate(.sample())
        #expect(evaluation.rule == nil)
        #expect(evaluation.action == .deny(text: nil))
        #expect(Policy(rules: []).evaluate(.sample()).action == .deny(text: nil))
    }

    @Test("Without rules [login] is the one rule")
    func loginAlone() {
        let evaluation = Policy(login: Self.open).evaluate(.sample())
        #expect(evaluation.rule?.name == "login")
        #expect(evaluation.action == .require(Self.open))
    }

    @Test("All of when must hold, and none of unless")
    func together() {
        let rule = Rule(
            name: "a", when: [.user(["alice"]), .tty(true)],
            unless: [.service(["sshd"].map(ServicePattern.init)), .publickey(true)],
            action: .deny(text: nil))
        let policy = Policy(rules: [rule])
        #expect(policy.evaluate(.sample()).rule != nil)
        #expect(policy.evaluate(.sample(tty: nil)).rule == nil)
        #expect(policy.evaluate(.sample(service: "sshd")).rule == nil)
        #expect(policy.evaluate(.sample(usedPublicKey: true)).rule == nil)
    }

    @Test(
        "Where groups are unknown, a bypass that asks for one does not match, and the others do",
        arguments: [
            (RuleAction.bypass(.success), false), (.bypass(.ignore), false), (.deny(text: nil), true),
            (.require(.standard), true),
        ])
    func unknownGroups(_ action: RuleAction, _ matches: Bool) {
        let facts = RuleFacts.sample(groups: .unknown)
        for condition in [GroupCondition(any: ["staff"]), GroupCondition(all: ["x"]), GroupCondition(not: ["staff"])] {
            let positive = Policy(rules: [Rule(name: "a", when: [.group(condition)], action: action)])
            let negative = Policy(rules: [Rule(name: "a", unless: [.group(condition)], action: action)])
            #expect((positive.evaluate(facts).rule != nil) == matches)
            #expect((negative.evaluate(facts).rule != nil) == matches)
        }
        let asksNone = Policy(rules: [Rule(name: "a", when: [.user(["alice"])], action: action)])
        #expect(asksNone.evaluate(facts).rule != nil)
    }

    @Test("A condition that fails settles the rule, whatever is unknown besides", arguments: [true, false])
    func failureSettles(_ groupFirst: Bool) {
        let group = Condition.group(GroupCondition(any: ["staff"]))
        let user = Condition.user(["bob"])
        let rule = Rule(name: "a", when: groupFirst ? [group, user] : [user, group], action: .deny(text: nil))
        #expect(Policy(rules: [rule]).evaluate(.sample(groups: .unknown)).rule == nil)
    }

    @Test("A requirement met in doubt fails closed and remembers nothing")
    func doubtGrantsNothing() {
        let rule = Rule(name: "a", when: [.group(GroupCondition(any: ["staff"]))], action: .require(Self.open))
        let policy = Policy(rules: [rule])
        #expect(policy.evaluate(.sample()).action == .require(Self.open))
        #expect(policy.evaluate(.sample(groups: .unknown)).action == .require(.standard))
    }

    @Test("Every setting that can change what a rule means changes its fingerprint")
    func fingerprint() throws {
        let when = [Condition.user(["a"])]
        let zone = try #require(HourSpan("08:00-18:00"))
        func require(_ requirement: Requirement) -> Rule { Rule(name: "r", when: when, action: .require(requirement)) }
        let remember = Remember(allow: .seconds(60), scope: .tty)
        let rules = [
            require(.standard), Rule(name: "s", when: when, action: .require(.standard)),
            Rule(name: "r", action: .require(.standard)), Rule(name: "r", unless: when, action: .require(.standard)),
            Rule(name: "r", when: when, action: .bypass(.success)),
            Rule(name: "r", when: when, action: .bypass(.ignore)),
            Rule(name: "r", when: when, action: .deny(text: nil)), Rule(name: "r", when: when, action: .deny(text: "")),
            require(Requirement(factors: [.passcode, .push])), require(Requirement(factors: [.push, .passcode])),
            require(Requirement(defaultFactor: .push)), require(Requirement(autopush: .auto)),
            require(Requirement(autopush: .wait)), require(Requirement(prompts: 2)),
            require(Requirement(verifiedPush: false)), require(Requirement(fail: .open)),
            require(Requirement(timeout: .seconds(60))), require(Requirement(timeout: .milliseconds(60_500))),
            require(Requirement(application: "b")), require(Requirement(promptText: "b")),
            require(Requirement(promptText: "b\", application = \"c")),
            require(Requirement(remember: remember)),
            require(Requirement(remember: Remember(allow: .seconds(61), scope: .tty))),
            require(Requirement(remember: Remember(allow: .seconds(60), scope: .parent))),
            require(Requirement(remember: Remember(allow: .seconds(60), scope: .tty, deny: .seconds(30)))),
            require(Requirement(remember: Remember(allow: .seconds(60), scope: .tty, uses: 2))),
            Rule(name: "r", when: [.user(["a", "b"])], action: .require(.standard)),
            Rule(name: "r", when: [.user(["a\", \"b"])], action: .require(.standard)),
            Rule(name: "r", when: [.service([ServicePattern("a")])], action: .require(.standard)),
            Rule(name: "r", when: [.group(GroupCondition(any: ["a"]))], action: .require(.standard)),
            Rule(name: "r", when: [.group(GroupCondition(all: ["a"]))], action: .require(.standard)),
            Rule(name: "r", when: [.group(GroupCondition(not: ["a"]))], action: .require(.standard)),
            Rule(name: "r", when: [.address([.local])], action: .require(.standard)),
            Rule(name: "r", when: [.tty(true)], action: .require(.standard)),
            Rule(name: "r", when: [.tty(false)], action: .require(.standard)),
            Rule(name: "r", when: [.publickey(true)], action: .require(.standard)),
            Rule(name: "r", when: [.enabled(true)], action: .require(.standard)),
            Rule(name: "r", when: [.time(TimeWindow(days: [.mon]))], action: .require(.standard)),
            Rule(name: "r", when: [.time(TimeWindow(hours: [zone]))], action: .require(.standard)),
        ]
        let prints = rules.map { Array($0.fingerprint.utf8) }
        #expect(Set(prints).count == rules.count)
        #expect(prints == rules.map { Array($0.fingerprint.utf8) })
    }
}
