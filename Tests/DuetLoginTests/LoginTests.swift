import DuetLogin
import DuetPolicy
import DuoSimulator
import Testing

@Suite("Login", .timeLimit(.minutes(1)))
struct LoginTests {
    @Test(
        "What Duo says of a push is the decision, with and without progress",
        arguments: [
            ("push-approve", Decision.allow(.duoAllow)), ("push-deny", .deny(.duoDeny)),
            ("push-fraud", .deny(.duoFraud)),
            ("push-timeout", .deny(.duoTimeout)), ("locked-out", .deny(.duoLockedOut)),
            ("push-failed", .allow(.duoAllow)),
            ("unknown-result", .deny(.duoDeny)), ("unknown-status", .allow(.duoAllow)),
            ("escape-inject", .allow(.duoAllow)),
        ], [true, false])
    func push(_ expected: (user: String, decision: Decision), _ showsProgress: Bool) async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson(["1"], showsProgress: showsProgress)
            let outcome = try await cloud.login(expected.user, person)
            #expect(outcome.decision == expected.decision)
            #expect(outcome.facts.factor == .push && outcome.facts.contact == .answered)
            #expect(person.shown.contains { $0.hasPrefix("Pushed a login request to ") } == showsProgress)
            #expect(person.unusedAnswers == 0)
            let calls = await cloud.simulator.cloud.requests().filter { $0.path == "/auth/v2/auth" }
            #expect(calls.count == 1)
        }
    }

    @Test(
        "An approval before the first status poll lets in, whether Duo tells every step or only the newest state",
        arguments: [
            (StatusPolls.everyStep, "push-approve", 2), (.latest, "push-approve", 1), (.everyStep, "phone-approve", 3),
            (.latest, "phone-approve", 1),
        ])
    func statusPolls(_ polls: StatusPolls, _ user: String, _ count: Int) async throws {
        var options = SimulatorOptions()
        options.statusPolls = polls
        try await Cloud.with(simulated: options) { cloud in
            let outcome = try await cloud.login(user, ScriptedPerson(["1"], showsProgress: true))
            #expect(outcome.decision == .allow(.duoAllow))
            let polls = await cloud.simulator.cloud.requests().filter { $0.path == "/auth/v2/auth_status" }
            #expect(polls.count == count)
        }
    }

    @Test(
        "What Duo says at preauth is the decision, and no factor is asked for",
        arguments: [
            ("preauth-allow", Decision.allow(.duoBypass)), ("preauth-deny", .deny(.duoDeny)),
            ("unknown-preauth", .deny(.duoDeny)), ("server-error", .deny(.duoUnreachable)),
            ("rate-limited", .deny(.duoError)),
            ("escape-inject-deny", .deny(.duoDeny)),
        ])
    func preauth(_ user: String, _ decision: Decision) async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson()
            let end1 = try await cloud.login(user, person).decision
            #expect(end1 == decision)
            #expect(person.prompts.isEmpty)
            let said = person.shown.joined()
            #expect(
                !said.unicodeScalars.contains { $0 != "\n" && ($0.value < 0x20 || (0x7F...0x9F).contains($0.value)) })
        }
    }

    @Test(
        "Only an unreachable Duo at preauth follows fail = open",
        arguments: [
            ("server-error", "", Decision.allow(.failOpen)), ("rate-limited", "", .deny(.duoError)),
            ("unknown-preauth", "", .deny(.duoDeny)), ("preauth-deny", "", .deny(.duoDeny)),
            ("push-deny", "1", .deny(.duoDeny)), ("push-timeout", "1", .deny(.duoTimeout)),
        ])
    func failOpen(_ user: String, _ answer: String, _ decision: Decision) async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson(answer.isEmpty ? [] : [.says(answer)])
            let end2 = try await cloud.login(user, person, Requirement(fail: .open)).decision
            #expect(end2 == decision)
        }
    }

    @Test("Wrong keys are refused even with fail = open")
    func wrongKey() async throws {
        try await Cloud.with { cloud in
            let wrong = String(repeating: "0", count: 40)
            let outcome = try await cloud.login(
                "push-approve", ScriptedPerson(), Requirement(fail: .open), secretKey: wrong)
            #expect(outcome.decision == .deny(.duoUnauthorized) && outcome.facts.contact == .failed)
        }
    }

    @Test(
        "An answer that dies after preauth is refused even with fail = open, and sent once", arguments: [true, false])
    func cutOff(_ showsProgress: Bool) async throws {
        try await Cloud.with { cloud in
            await cloud.simulator.cloud.setFault(.dropBeforeAnswer, path: "/auth/v2/auth", times: 1)
            let person = ScriptedPerson(["1"], showsProgress: showsProgress)
            let outcome = try await cloud.login("push-approve", person, Requirement(fail: .open))
            #expect(outcome.decision == .deny(.duoUnreachable))
            #expect(await cloud.simulator.cloud.transactions().count == 1)
        }
    }

    @Test("A clock that is off by ten minutes is corrected within the login")
    func clock() async throws {
        try await Cloud.with { cloud in
            await cloud.simulator.cloud.setSkew(seconds: 600)
            let outcome = try await cloud.login("push-approve", ScriptedPerson(["1"]))
            #expect(outcome.decision == .allow(.duoAllow))
        }
    }

    @Test("No time left is a refusal and no outage")
    func noTime() async throws {
        try await Cloud.with { cloud in
            let outcome = try await cloud.login("push-approve", ScriptedPerson(), Requirement(fail: .open), time: .zero)
            #expect(outcome.decision == .deny(.timedOut))
        }
    }

    @Test("A passcode decides; a wrong one may be typed again, and when the answers are used up the host may ask again")
    func passcodes() async throws {
        try await Cloud.with { cloud in
            let good = try await cloud.login("alice", ScriptedPerson(["100001"]))
            #expect(good.decision == .allow(.duoAllow))
            let wrong = ScriptedPerson(["999999", "999998", "999997"])
            let refused = try await cloud.login("alice", wrong)
            #expect(refused.decision == .retry(.wrongPasscode))
            #expect(wrong.shown.filter { $0.contains("Incorrect passcode") }.count == 3 && wrong.unusedAnswers == 0)
            // Once only: the simulator knows that it was used.
            let again = try await cloud.login("alice", ScriptedPerson(["100001", "100002"]))
            #expect(again.decision == .allow(.duoAllow))
            let single = try await cloud.login(
                "alice", ScriptedPerson(["999999", "100003"]), Requirement(prompts: 1))
            #expect(single.decision == .retry(.wrongPasscode))
        }
    }

    @Test("SMS passcodes are sent, asked for in the same login, and work")
    func sms() async throws {
        try await Cloud.with { cloud in
            let nobody = ScriptedPerson(["sms"])
            let end6 = try await cloud.login("sms", nobody).decision
            #expect(end6 == .deny(.noAnswer))
            #expect(nobody.prompts.count == 2 && nobody.prompts[1].hasPrefix("Passcode from the SMS"))
            let code = try #require(await cloud.simulator.cloud.smsPasscodes(of: "sms").first)
            let end7 = try await cloud.login("sms", ScriptedPerson([.says(code)])).decision
            #expect(end7 == .allow(.duoAllow))
            // The rule allows text messages alone: their codes count, others are not taken before one was sent.
            let person = ScriptedPerson([
                "123456", "sms", .does { try #require(await cloud.simulator.cloud.smsPasscodes(of: "sms").first) },
            ])
            let end = try await cloud.login("sms", person, Requirement(factors: [.sms]))
            #expect(end.decision == .allow(.duoAllow) && person.unusedAnswers == 0)
            #expect(person.prompts.last?.contains("starts with") == true)
        }
    }

    @Test("A call decides", arguments: [("phone-approve", Decision.allow(.duoAllow)), ("phone-deny", .deny(.duoDeny))])
    func phone(_ user: String, _ decision: Decision) async throws {
        try await Cloud.with { cloud in
            let outcome = try await cloud.login(user, ScriptedPerson(["phone"]))
            #expect(outcome.decision == decision && outcome.facts.factor == .phone)
        }
    }

    @Test("Three answers that mean nothing end the login, and reach Duo not once")
    func nonsense() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson(["hunter2", "", "push9"])
            let end8 = try await cloud.login("alice", person).decision
            #expect(end8 == .deny(.noAnswer))
            #expect(person.unusedAnswers == 0)
            #expect(await cloud.simulator.cloud.requests().filter { $0.path == "/auth/v2/auth" }.isEmpty)
        }
    }

    @Test("A user whose devices can do nothing that is allowed is refused and told so")
    func noFactor() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson()
            let end9 = try await cloud.login("token", person, Requirement(factors: [.push, .sms])).decision
            #expect(end9 == .deny(.noFactor))
            #expect(person.shown.count == 1)
        }
    }

    @Test("The push says what is approved, and from where")
    func pushInfo() async throws {
        try await Cloud.with { cloud in
            _ = try await cloud.login("push-approve", ScriptedPerson(["1"]))
            let push = try #require(await cloud.simulator.cloud.transactions().first)
            let info = push.pushinfo ?? ""
            #expect(info.contains("host.example") && info.contains("sshd") && info.contains("192.0.2.9"))
        }
    }

    @Test("A cancelled login ends at once and leaves no request behind", arguments: [true, false])
    func cancelled(_ showsProgress: Bool) async throws {
        try await Cloud.with { cloud in
            let login = Task {
                try await cloud.login("alice", ScriptedPerson(["1"], showsProgress: showsProgress))
            }
            _ = try await cloud.simulator.cloud.waitForTransaction(within: .seconds(10))
            login.cancel()
            let outcome = try await login.value
            guard case .deny = outcome.decision else {
                Issue.record("\(outcome.decision)")
                return
            }
        }
    }
}
