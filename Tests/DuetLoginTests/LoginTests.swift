import DuetLogin
import DuetPolicy
import DuoAPI
import DuoSimulator
import Glibc
import Secrets
import Testing

/// A simulator, a client of it, and logins.
struct Cloud {
    let simulator: Simulator
    let transport: Transport

    static func with(
        secretKey: String? = nil, _ body: (Cloud) async throws -> Void
    ) async throws {
        let options = SimulatorOptions()
        let simulator = try await Simulator.start(options)
        let transport = try Transport(TransportOptions(caFile: simulator.caFile))
        let cloud = Cloud(simulator: simulator, transport: transport)
        do {
            try await body(cloud)
        } catch {
            transport.shutdown()
            try await simulator.stop()
            throw error
        }
        transport.shutdown()
        try await simulator.stop()
    }

    /// One whole login of `user`.
    func login(
        _ user: String, _ person: ScriptedPerson, fail: FailMode = .closed, factors: [Factor] = Factor.allCases,
        secretKey: String? = nil, time: Duration = .seconds(20)
    ) async throws -> Outcome {
        let options = SimulatorOptions()
        let host = try #require(APIHost(simulator.apiHost))
        let credentials = Credentials(
            integrationKey: options.integrationKey, secretKey: Secret(secretKey ?? options.secretKey))
        let duo = AuthAPI(
            host: host, credentials: credentials, transport: transport, clock: DuoClock { Int64(Glibc.time(nil)) })
        let request = LoginRequest(
            id: "0123456789abcdef", user: user, service: "sshd", address: ClientAddress("192.0.2.9"),
            host: "host.example")
        let requirement = Requirement(factors: factors, fail: fail, timeout: time)
        let deadline = ContinuousClock.now + time
        let login = Login(request: request, requirement: requirement, duo: duo, conversation: person) {
            deadline - ContinuousClock.now
        }
        return await login.decide()
    }
}

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
            #expect(outcome.factor == .push && outcome.contact == .answered)
            #expect(person.shown.contains("Pushed a login request to your device...") == showsProgress)
            #expect(person.unusedAnswers.isEmpty)
            let calls = await cloud.simulator.cloud.requests().filter { $0.path == "/auth/v2/auth" }
            #expect(calls.count == 1)
        }
    }

    @Test(
        "What Duo says at preauth is the decision, and no factor is asked for",
        arguments: [
            ("preauth-allow", Decision.allow(.duoBypass)), ("preauth-deny", .deny(.duoDeny)),
            ("enroll", .deny(.duoEnroll)),
            ("unknown-preauth", .deny(.duoDeny)), ("server-error", .deny(.duoUnreachable)),
            ("rate-limited", .deny(.duoError)),
            ("escape-inject-deny", .deny(.duoDeny)), ("escape-inject-enroll", .deny(.duoEnroll)),
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
            let person = ScriptedPerson(answer.isEmpty ? [] : [answer])
            let end2 = try await cloud.login(user, person, fail: .open).decision
            #expect(end2 == decision)
        }
    }

    @Test("Wrong keys are refused even with fail = open")
    func wrongKey() async throws {
        try await Cloud.with { cloud in
            let wrong = String(repeating: "0", count: 40)
            let outcome = try await cloud.login("push-approve", ScriptedPerson(), fail: .open, secretKey: wrong)
            #expect(outcome.decision == .deny(.duoUnauthorized) && outcome.contact == .failed)
        }
    }

    @Test(
        "An answer that dies after preauth is refused even with fail = open, and sent once", arguments: [true, false])
    func cutOff(_ showsProgress: Bool) async throws {
        try await Cloud.with { cloud in
            await cloud.simulator.cloud.setFault(.dropBeforeAnswer, path: "/auth/v2/auth", times: 1)
            let person = ScriptedPerson(["1"], showsProgress: showsProgress)
            let outcome = try await cloud.login("push-approve", person, fail: .open)
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
            let outcome = try await cloud.login("push-approve", ScriptedPerson(), fail: .open, time: .zero)
            #expect(outcome.decision == .deny(.timedOut))
        }
    }

    @Test("A passcode decides; a wrong one may be asked again by the host")
    func passcodes() async throws {
        try await Cloud.with { cloud in
            let end3 = try await cloud.login("alice", ScriptedPerson(["100001"])).decision
            #expect(end3 == .allow(.duoAllow))
            let wrong = ScriptedPerson(["999999"])
            let end4 = try await cloud.login("alice", wrong).decision
            #expect(end4 == .retry(.wrongPasscode))
            #expect(wrong.shown.contains { $0.contains("Incorrect passcode") })
            // Once only: the simulator knows that it was used.
            let end5 = try await cloud.login("alice", ScriptedPerson(["100001"])).decision
            #expect(end5 == .retry(.wrongPasscode))
        }
    }

    @Test("SMS passcodes are sent, asked for in the same login, and work")
    func sms() async throws {
        try await Cloud.with { cloud in
            let nobody = ScriptedPerson(["sms"])
            let end6 = try await cloud.login("sms", nobody).decision
            #expect(end6 == .deny(.noAnswer))
            #expect(nobody.prompts.count == 2)
            let code = try #require(await cloud.simulator.cloud.smsPasscodes(of: "sms").first)
            let end7 = try await cloud.login("sms", ScriptedPerson([code])).decision
            #expect(end7 == .allow(.duoAllow))
        }
    }

    @Test("A call decides", arguments: [("phone-approve", Decision.allow(.duoAllow)), ("phone-deny", .deny(.duoDeny))])
    func phone(_ user: String, _ decision: Decision) async throws {
        try await Cloud.with { cloud in
            let outcome = try await cloud.login(user, ScriptedPerson(["phone"]))
            #expect(outcome.decision == decision && outcome.factor == .phone)
        }
    }

    @Test("Three answers that mean nothing end the login, and reach Duo not once")
    func nonsense() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson(["hunter2", "", "push9"])
            let end8 = try await cloud.login("alice", person).decision
            #expect(end8 == .deny(.noAnswer))
            #expect(person.unusedAnswers.isEmpty)
            #expect(await cloud.simulator.cloud.requests().filter { $0.path == "/auth/v2/auth" }.isEmpty)
        }
    }

    @Test("A user whose devices can do nothing that is allowed is refused and told so")
    func noFactor() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson()
            let end9 = try await cloud.login("token", person, factors: [.push, .sms]).decision
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
