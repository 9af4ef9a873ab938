import DuetLogin
import DuetMemory
import DuetPolicy
import DuoSimulator
import Synchronization
import Testing

@Suite("Remembering", .timeLimit(.minutes(1)))
struct RememberingTests {
    private static let rule = Requirement(remember: Remember(allow: .seconds(900), scope: .tty, deny: .seconds(30)))

    private static func key(_ user: String, leader: Int32 = 4_711) -> DecisionKey {
        DecisionKey(
            uid: 1_000, user: user, callerUID: 1_000, duoUser: user, application: "DI", service: "sudo",
            scope: .tty(ttyNumber: 34_816, leader: leader, leaderStart: 8), ruleFingerprint: [1])
    }

    @Test("A push is remembered, and the next login with the same key asks nobody")
    func push() async throws {
        try await Cloud.with { cloud in
            let key = Self.key("push-approve")
            let first = try await cloud.login("push-approve", ScriptedPerson(["push"]), Self.rule, key: key)
            #expect(
                first.decision == .allow(.duoAllow) && first.facts.memory?.hasPrefix("remembered as decision ") == true)
            let asked = await cloud.simulator.cloud.requests().count
            let person = ScriptedPerson()
            let second = try await cloud.login("push-approve", person, Self.rule, key: key)
            #expect(second.decision == .allow(.remembered) && second.facts.factor == .push && person.prompts.isEmpty)
            #expect(second.facts.memory?.contains("of login 0123456789abcdef") == true)
            #expect(await cloud.simulator.cloud.requests().count == asked)
            let elsewhere = ScriptedPerson(["push"])
            let third = try await cloud.login(
                "push-approve", elsewhere, Self.rule, key: Self.key("push-approve", leader: 4_712))
            #expect(third.decision == .allow(.duoAllow) && elsewhere.prompts.count == 1)
        }
    }

    @Test("A rule that does not accept the factor that was used asks again")
    func factor() async throws {
        try await Cloud.with { cloud in
            let key = Self.key("push-approve")
            _ = try await cloud.login("push-approve", ScriptedPerson(["111111"]), Self.rule, key: key)
            var strict = Self.rule
            strict.factors = [.push]
            let person = ScriptedPerson(["push"])
            let outcome = try await cloud.login("push-approve", person, strict, key: key)
            #expect(outcome.decision == .allow(.duoAllow) && person.prompts.count == 1)
        }
    }

    @Test(
        "Bypass codes, allows of preauth, fail mode, denials and cancelled logins are not remembered",
        arguments: [("bypass", "900000004"), ("preauth-allow", ""), ("server-error", ""), ("push-deny", "push")])
    func never(_ user: String, _ answer: String) async throws {
        try await Cloud.with { cloud in
            var rule = Self.rule
            rule.fail = .open
            let person = ScriptedPerson(answer.isEmpty ? [] : [.says(answer)])
            let outcome = try await cloud.login(user, person, rule, key: Self.key(user))
            #expect(outcome.facts.memory == nil)
            let remembered = try DecisionStore(cloud.memory).list().get().filter { $0.verdict == .allow }
            #expect(remembered.isEmpty)
        }
    }

    @Test("An allow that comes in the moment in which something else has ended the login is not remembered")
    func endedOtherwise() async throws {
        try await Cloud.with { cloud in
            let settled = Mutex(0)
            let outcome = try await cloud.login(
                "push-approve", ScriptedPerson(["push"]), Self.rule, key: Self.key("push-approve"),
                settles: {
                    settled.withLock { $0 += 1 }
                    return false
                })
            #expect(outcome.decision == .allow(.duoAllow) && outcome.facts.memory == nil)
            #expect(settled.withLock { $0 } == 1, "asked once, before it is written")
            #expect(try DecisionStore(cloud.memory).count().get() == 0)
        }
    }

    @Test("Without a key nothing is remembered")
    func noKey() async throws {
        try await Cloud.with { cloud in
            _ = try await cloud.login("push-approve", ScriptedPerson(["push"]), Self.rule)
            #expect(try DecisionStore(cloud.memory).count().get() == 0)
        }
    }

    @Test("Deny on the phone ends what was remembered, and stops pushes for that key; passcodes go on")
    func deny() async throws {
        try await Cloud.with { cloud in
            let key = Self.key("bob")
            _ = try await cloud.login("bob", ScriptedPerson(["300001"]), Self.rule, key: key)
            let person = ScriptedPerson(["push"])
            async let denied = cloud.login("bob", person, Self.rule, key: Self.key("bob", leader: 9))
            try await cloud.answer(.deny)
            #expect(try await denied.decision == .deny(.duoDeny))
            let again = ScriptedPerson(["300002"])
            let outcome = try await cloud.login("bob", again, Self.rule, key: Self.key("bob", leader: 9))
            #expect(outcome.decision == .allow(.duoAllow) && outcome.facts.factor == .passcode)
            #expect(again.shown.contains { $0.contains("Pushes and calls have stopped") })
            #expect(!again.prompts[0].contains("Duo Push"))
            let first = ScriptedPerson(["300003"])
            let asked = try await cloud.login("bob", first, Self.rule, key: key)
            #expect(asked.decision == .allow(.duoAllow), "the first decision was killed by the denial")
        }
    }

    @Test("After too many pushes that were not approved there are no more, and a passcode starts them again")
    func budget() async throws {
        try await Cloud.with(limits: PushLimits(maxPending: 2, maxDenied: 2)) { cloud in
            for _ in 0..<2 {
                _ = try await cloud.login("push-timeout", ScriptedPerson(["push"]), Requirement(prompts: 1))
            }
            let person = ScriptedPerson(["push"])
            let stopped = try await cloud.login("push-timeout", person, Requirement(prompts: 1))
            #expect(stopped.decision == .deny(.noAnswer) && !person.prompts[0].contains("Duo Push"))
            #expect(await cloud.approvals().count == 2)
            let auto = try await cloud.login(
                "push-timeout", ScriptedPerson(), Requirement(factors: [.push], autopush: .wait))
            #expect(auto.decision == .deny(.pushLimit))
            #expect(await cloud.approvals().count == 2)
        }
    }

    @Test("After too many SMS there are no more, and a passcode of an earlier one is still taken")
    func texts() async throws {
        try await Cloud.with(limits: PushLimits(maxSMS: 2)) { cloud in
            let rule = Requirement(factors: [.push, .sms])
            for _ in 0..<2 { _ = try await cloud.login("sms", ScriptedPerson(["sms"]), rule) }
            let code = try #require(await cloud.simulator.cloud.smsPasscodes(of: "sms").first)
            let person = ScriptedPerson(["sms", .says(code)])
            let outcome = try await cloud.login("sms", person, rule)
            #expect(outcome.decision == .allow(.duoAllow) && person.unusedAnswers == 0)
            #expect(person.shown.contains { $0.hasPrefix("No more SMS for 15 min") })
            #expect(await cloud.simulator.cloud.transactions().filter { $0.factor == "sms" }.count <= 2)
            let sent = await cloud.simulator.cloud.requests().filter { $0.parameters["factor"] == "sms" }
            #expect(sent.count == 2)
            _ = try await cloud.login("sms", ScriptedPerson(["sms"]), rule)
            let again = await cloud.simulator.cloud.requests().filter { $0.parameters["factor"] == "sms" }
            #expect(again.count == 3, "a right passcode gives them back")
        }
    }

    @Test("A passcode ends the cool-down")
    func forgiven() async throws {
        try await Cloud.with(limits: PushLimits(maxPending: 2, maxDenied: 1)) { cloud in
            let slow = ScriptedPerson(["push"])
            async let first = cloud.login("bob", slow, Requirement(prompts: 1))
            try await cloud.answer(.timeout)
            #expect(try await first.decision == .deny(.duoTimeout))
            _ = try await cloud.login("bob", ScriptedPerson(["300001"]))
            let person = ScriptedPerson(["push"])
            async let second = cloud.login("bob", person)
            try await cloud.answer(.approve)
            #expect(try await second.decision == .allow(.duoAllow))
        }
    }

    @Test("A login that goes away is charged, and frees its place")
    func abandoned() async throws {
        try await Cloud.with(limits: PushLimits(maxPending: 1, maxDenied: 5)) { cloud in
            let login = Task { try await cloud.login("bob", ScriptedPerson(["push"])) }
            _ = try await cloud.simulator.cloud.waitForTransaction(within: .seconds(10)) { $0.waiting || $0.pending }
            let second = ScriptedPerson(["300001"])
            let offered = try await cloud.login("bob", second)
            #expect(offered.decision == .allow(.duoAllow) && !second.prompts[0].contains("Duo Push"))
            login.cancel()
            _ = try await login.value
            let third = ScriptedPerson(["push"])
            async let outcome = cloud.login("bob", third)
            let pushes = try await cloud.waitForApprovals(2)
            try await cloud.simulator.cloud.answer(.approve, txid: pushes[1].txid)
            #expect(try await outcome.decision == .allow(.duoAllow))
        }
    }

    @Test("Two logins that are alike in everything wait for one push; others send their own")
    func singleFlight() async throws {
        try await Cloud.with { cloud in
            let key = Self.key("bob")
            async let first = cloud.login("bob", ScriptedPerson(["push"]), Self.rule, key: key)
            async let second = cloud.login("bob", ScriptedPerson(["push"]), Self.rule, key: key)
            _ = try await cloud.waitForApprovals(1)
            // Both are on their way to it: the second has asked its preauth.
            while await cloud.simulator.cloud.requests().filter({ $0.path == "/auth/v2/preauth" }).count < 2 {
                try await Task.sleep(for: .milliseconds(5))
            }
            try await Task.sleep(for: .milliseconds(200))
            try await cloud.answer(.approve)
            let outcomes = try await (first, second)
            #expect(outcomes.0.decision == .allow(.duoAllow) || outcomes.0.decision == .allow(.remembered))
            #expect(outcomes.1.decision == .allow(.duoAllow) || outcomes.1.decision == .allow(.remembered))
            #expect(await cloud.approvals().count == 1)

            async let third = cloud.login("alice", ScriptedPerson(["push"]), Self.rule, key: Self.key("alice"))
            async let fourth = cloud.login(
                "alice", ScriptedPerson(["push"]), Self.rule, key: Self.key("alice", leader: 5))
            let pushes = try await cloud.waitForApprovals(3)
            for push in pushes.dropFirst() { try await cloud.simulator.cloud.answer(.approve, txid: push.txid) }
            #expect(try await third.decision == .allow(.duoAllow))
            #expect(try await fourth.decision == .allow(.duoAllow))
        }
    }
}
