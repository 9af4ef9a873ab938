import DuetLogin
import DuetPolicy
import DuoSimulator
import Synchronization
import Testing

@Suite("Autopush", .timeLimit(.minutes(1)))
struct AutopushTests {
    @Test("wait sends the push without asking anything", arguments: [true, false])
    func waits(_ showsProgress: Bool) async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson(showsProgress: showsProgress)
            let outcome = try await cloud.login("push-approve", person, Requirement(autopush: .wait))
            #expect(outcome.decision == .allow(.duoAllow) && outcome.facts.factor == .push)
            #expect(person.prompts.isEmpty)
        }
    }

    @Test("A push that times out or dies leads to the menu, which does not offer it again", arguments: [true, false])
    func fallsBack(_ showsProgress: Bool) async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson(["push", "bogus"], showsProgress: showsProgress)
            let outcome = try await cloud.login("push-timeout", person, Requirement(autopush: .wait))
            #expect(outcome.decision == .deny(.duoTimeout))
            #expect(person.prompts.count == 3 && !person.prompts[0].contains("Duo Push"))
            #expect(await cloud.approvals().count == 1)

            await cloud.simulator.cloud.setFault(.dropBeforeAnswer, path: "/auth/v2/auth", times: 1)
            let typing = ScriptedPerson(["111111"], showsProgress: showsProgress)
            let second = try await cloud.login("push-approve", typing, Requirement(autopush: .wait))
            #expect(second.decision == .allow(.duoAllow) && second.facts.factor == .passcode)
            #expect(typing.prompts.first?.contains("Duo Push") == false)
        }
    }

    @Test("A push that the person denies ends the login", arguments: ["push-deny", "push-fraud", "locked-out"])
    func denied(_ user: String) async throws {
        for autopush in [Autopush.wait, .prompt] {
            try await Cloud.with { cloud in
                let person = ScriptedPerson([.waits])
                let outcome = try await cloud.login(user, person, Requirement(autopush: autopush))
                guard case .deny = outcome.decision else {
                    Issue.record("\(outcome.decision)")
                    return
                }
                #expect(person.prompts.count == (autopush == .wait ? 0 : 1))
            }
        }
    }

    @Test("prompt asks while the push is followed, and an approval ends the login while the prompt stands")
    func prompts() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson([.waits], showsProgress: false)
            async let login = cloud.login("bob", person, Requirement(autopush: .prompt))
            try await cloud.answer(.approve)
            let outcome = try await login
            #expect(outcome.decision == .allow(.duoAllow) && outcome.facts.factor == .push)
            #expect(person.prompts == ["Approve on \(Self.bobsPhone) and press Enter, or type a passcode: "])
        }
    }

    private static let bobsPhone = "Phone (XXX-XXX-0200)"

    @Test("Enter before the approval waits for it, and a passcode typed meanwhile is as good")
    func changesMind() async throws {
        try await Cloud.with { cloud in
            let early = ScriptedPerson([
                .does {
                    Task { try await cloud.answer(.approve) }
                    return ""
                }
            ])
            let first = try await cloud.login("bob", early, Requirement(autopush: .prompt))
            #expect(first.decision == .allow(.duoAllow) && first.facts.factor == .push)

            let typing = ScriptedPerson(["999999", "bogus", "300001"])
            let second = try await cloud.login("bob", typing, Requirement(autopush: .prompt))
            #expect(second.decision == .allow(.duoAllow) && second.facts.factor == .passcode)
            #expect(Set(typing.prompts).count == 1 && typing.prompts.count == 3)
            #expect(try await cloud.waitForApprovals(2).count == 2)
        }
    }

    @Test("Another factor chosen at the prompt is followed")
    func otherFactor() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson([
                .does {
                    _ = try await cloud.waitForApprovals(1)
                    return "push2"
                }
            ])
            async let login = cloud.login("alice", person, Requirement(autopush: .prompt))
            let pushes = try await cloud.waitForApprovals(2)
            try await cloud.simulator.cloud.answer(.approve, txid: pushes[1].txid)
            let outcome = try await login
            #expect(outcome.decision == .allow(.duoAllow))
            #expect(pushes[0].device != pushes[1].device)
        }
    }

    @Test("A push that fails while the prompt stands leads to the menu after Enter")
    func failsAtPrompt() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson([
                .does {
                    try await cloud.answer(.timeout)
                    _ = try await cloud.simulator.cloud.waitForTransaction(within: .seconds(10)) { !$0.pending }
                    return ""
                }, "300001",
            ])
            let outcome = try await cloud.login("bob", person, Requirement(autopush: .prompt))
            #expect(outcome.decision == .allow(.duoAllow) && outcome.facts.factor == .passcode)
            #expect(person.prompts.count == 2 && person.prompts[1].hasPrefix("Duo login for bob"))
            #expect(!person.prompts[1].contains("Duo Push"))
        }
    }

    @Test("After the last passcode at its prompt the push still counts, and the person is told that it is waited for")
    func lastPasscode() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson(["999999"])
            let login = Task { try await cloud.login("bob", person, Requirement(autopush: .prompt, prompts: 1)) }
            for _ in 0..<2_000 where person.shown.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(person.shown.count == 2 && person.shown.last?.hasPrefix("No more passcodes here") == true)
            try await cloud.answer(.approve)
            #expect(try await login.value.decision == .allow(.duoAllow))
            #expect(person.prompts.count == 1)
        }
    }

    @Test("auto waits where progress shows, and prompts elsewhere", arguments: [true, false])
    func auto(_ showsProgress: Bool) async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson([.waits], showsProgress: showsProgress)
            async let login = cloud.login("bob", person, Requirement(autopush: .auto))
            try await cloud.answer(.approve)
            let outcome = try await login
            #expect(outcome.decision == .allow(.duoAllow))
            #expect(person.prompts.isEmpty == showsProgress)
        }
    }

    @Test("The rule's default factor is what autopush starts with, and what Enter means")
    func defaultFactor() async throws {
        try await Cloud.with { cloud in
            let called = try await cloud.login(
                "phone-approve", ScriptedPerson(), Requirement(defaultFactor: .phone, autopush: .wait))
            #expect(called.decision == .allow(.duoAllow) && called.facts.factor == .phone)
            let person = ScriptedPerson([""])
            let pushed = try await cloud.login("push-approve", person, Requirement(defaultFactor: .push))
            #expect(pushed.decision == .allow(.duoAllow) && pushed.facts.factor == .push)
            #expect(person.prompts[0].hasSuffix("(1-3, Enter for 1): "))
        }
    }

    @Test("A wrong passcode after a push does not let the host ask again")
    func noSecondPush() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson(["999999", "999999", "999999"])
            let outcome = try await cloud.login("push-timeout", person, Requirement(autopush: .wait))
            #expect(outcome.decision == .deny(.wrongPasscode))
            #expect(await cloud.approvals().count == 1)
        }
    }

    @Test(
        "A number means what it meant when it was shown: a push for which it has become too late is none of the others")
    func lateNumber() async throws {
        try await Cloud.with { cloud in
            let left = Mutex(Duration.seconds(70))
            let person = ScriptedPerson([
                .does {
                    left.withLock { $0 = .seconds(60) }
                    return "1"
                }, "100001",
            ])
            let outcome = try await cloud.login(
                "alice", person, Requirement(factors: [.push, .sms, .passcode]), remaining: { left.withLock { $0 } })
            #expect(outcome.decision == .allow(.duoAllow) && outcome.facts.factor == .passcode)
            #expect(person.prompts.first?.contains("1. Duo Push") == true)
            #expect(person.prompts.last?.contains("1. SMS") == true)
            #expect(person.shown.contains { $0.contains("not enough time") })
            #expect(await cloud.approvals().isEmpty)
        }
    }

    @Test("With less than 65 s left nothing is pushed or called, and passcodes still work")
    func tooLate() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson(["push", "100001"])
            let outcome = try await cloud.login("alice", person, Requirement(autopush: .wait), time: .seconds(60))
            #expect(outcome.decision == .allow(.duoAllow) && outcome.facts.factor == .passcode)
            let refused = try await cloud.login(
                "push-approve", ScriptedPerson(), Requirement(factors: [.push]), time: .seconds(60))
            #expect(refused.decision == .deny(.noFactor))
            #expect(await cloud.approvals().isEmpty)
        }
    }

    @Test(
        "Deny or fraud pressed while a passcode is being checked ends the login", arguments: [PhoneAnswer.deny, .fraud])
    func deniedMeanwhile(_ answer: PhoneAnswer) async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson([
                .does {
                    _ = try await cloud.waitForApprovals(1)
                    // The answer to the passcode takes its time; the phone is answered meanwhile.
                    await cloud.simulator.cloud.setFault(.delay(.seconds(8)), path: "/auth/v2/auth", times: 1)
                    Task { try await cloud.answer(answer) }
                    return "300001"
                }
            ])
            let outcome = try await cloud.login("bob", person, Requirement(autopush: .prompt))
            #expect(outcome.decision == .deny(answer == .deny ? .duoDeny : .duoFraud))
        }
    }

    @Test("A cancelled login at a standing prompt ends at once")
    func cancelled() async throws {
        try await Cloud.with { cloud in
            let login = Task { try await cloud.login("bob", ScriptedPerson([.waits]), Requirement(autopush: .prompt)) }
            _ = try await cloud.simulator.cloud.waitForTransaction(within: .seconds(10)) { $0.waiting }
            login.cancel()
            let outcome = try await login.value
            guard case .deny = outcome.decision else {
                Issue.record("\(outcome.decision)")
                return
            }
        }
    }
}
