import DuetPolicy
import DuoAPI
import DuoSimulator
import Synchronization
import Testing

@testable import DuetLogin

@Suite("What Duo said of the last login", .timeLimit(.minutes(1)))
struct KeptPreauthsTests {
    private static func key(
        duoUser: String = "alice", address: String? = "192.0.2.9", host: String = "host.example", verified: Bool = true
    ) -> PreauthKey {
        PreauthKey(
            duoUser: duoUser, address: address.flatMap { ClientAddress($0) }, host: host,
            supportsVerifiedPush: verified)
    }

    private static func answer(asked: Duration) -> KeptPreauths.Answer {
        KeptPreauths.Answer(devices: [], asked: asked)
    }

    /// An application that keeps answers for `life`.
    private func application(_ cloud: Cloud, life: Duration = .seconds(60)) throws -> DuoApplication {
        let given = try cloud.application()
        return DuoApplication(api: given.api, breaker: given.breaker, kept: KeptPreauths(life: life))
    }

    private func count(_ cloud: Cloud, _ endpoint: String = "preauth") async -> Int {
        await cloud.simulator.cloud.requests().filter { $0.path == "/auth/v2/\(endpoint)" }.count
    }

    @Test("The next login of the same person goes by it, and is asked for a factor all the same")
    func reused() async throws {
        try await Cloud.with { (cloud) async throws in
            let application = try application(cloud)
            for _ in 1...3 {
                let outcome = try await cloud.login(
                    "push-approve", ScriptedPerson(["push"]), application: application)
                #expect(outcome.decision == .allow(.duoAllow) && outcome.facts.contact == .answered)
            }
            #expect(await count(cloud) == 1)
            #expect(await count(cloud, "auth") == 3)
        }
    }

    @Test("Without preauth_reuse every login asks")
    func off() async throws {
        try await Cloud.with { (cloud) async throws in
            let application = try application(cloud, life: .zero)
            for number in 1...2 {
                _ = try await cloud.login("push-approve", ScriptedPerson(["push"]), application: application)
                #expect(await count(cloud) == number)
            }
            #expect(application.kept.count == 0)
        }
    }

    @Test(
        "Nothing but an allow of Duo's for a factor keeps it (rules 1 and 2)",
        arguments: [
            ("push-deny", "push"), ("push-fraud", "push"), ("push-timeout", "push"), ("unknown-result", "push"),
            ("locked-out", "push"), ("passcode", "000000"), ("bypass", "900000004"), ("preauth-allow", ""),
            ("preauth-deny", ""), ("enroll", ""), ("unknown-preauth", ""), ("server-error", ""), ("no-devices", ""),
            ("push-approve", ""), ("verified-push", "push"),
        ])
    func notKept(_ user: String, _ answer: String) async throws {
        try await Cloud.with { (cloud) async throws in
            let application = try application(cloud)
            let answers: [ScriptedPerson.Answer] =
                answer.isEmpty ? [] : [.says(answer)] + (user == "verified-push" ? [.waits] : [])
            _ = try await cloud.login(
                user, ScriptedPerson(answers), Requirement(prompts: 1), application: application)
            #expect(application.kept.count == 0)
            let before = await count(cloud)
            _ = try await cloud.login(user, ScriptedPerson(), application: application)
            #expect(await count(cloud) > before)
        }
    }

    @Test("A trial asks Duo itself, keeps nothing, and leaves what is kept to the next login (rule 7)")
    func trial() async throws {
        try await Cloud.with { (cloud) async throws in
            let application = try application(cloud)
            func login(isTrial: Bool) async throws -> Decision {
                try await cloud.login(
                    "push-approve", ScriptedPerson(["push"]), isTrial: isTrial, application: application
                ).decision
            }
            #expect(try await login(isTrial: true) == .allow(.duoAllow))
            #expect(application.kept.count == 0)
            #expect(try await login(isTrial: false) == .allow(.duoAllow))
            #expect(await count(cloud) == 2 && application.kept.count == 1)
            #expect(try await login(isTrial: true) == .allow(.duoAllow))
            #expect(await count(cloud) == 3 && application.kept.count == 1)
            #expect(try await login(isTrial: false) == .allow(.duoAllow))
            #expect(await count(cloud) == 3)
        }
    }

    @Test("What a trial is refused ends it (rules 4 and 7)")
    func refusedTrial() async throws {
        try await Cloud.with { (cloud) async throws in
            let application = try application(cloud)
            _ = try await cloud.login("bob", ScriptedPerson(["300001"]), application: application)
            #expect(application.kept.count == 1)
            async let trial = cloud.login("bob", ScriptedPerson(["push"]), isTrial: true, application: application)
            try await cloud.answer(.fraud)
            #expect(try await trial.decision == .deny(.duoFraud))
            #expect(application.kept.count == 0)
        }
    }

    @Test("A refusal ends it for every address of that Duo user, and for nobody else (rules 3 and 4)")
    func refusal() async throws {
        try await Cloud.with { (cloud) async throws in
            let application = try application(cloud)
            async let first = cloud.login("bob", ScriptedPerson(["push"]), application: application)
            try await cloud.answer(.approve)
            #expect(try await first.decision == .allow(.duoAllow))
            application.kept.keep(
                Self.answer(asked: application.kept.now), Self.key(duoUser: "bob", address: "192.0.2.10"))
            application.kept.keep(Self.answer(asked: application.kept.now), Self.key(duoUser: "alice"))
            #expect(application.kept.count == 3)
            async let second = cloud.login("bob", ScriptedPerson(["push"]), application: application)
            try await cloud.answer(.deny)
            #expect(try await second.decision == .deny(.duoDeny))
            #expect(await count(cloud) == 1)
            #expect(application.kept.count == 1 && application.kept.holds(Self.key(duoUser: "alice")))
        }
    }

    @Test("A login that has gone brings nothing back, whatever the phone says then")
    func hangUp() async throws {
        try await Cloud.with { (cloud) async throws in
            let application = try application(cloud)
            _ = try await cloud.login("bob", ScriptedPerson(["300001"]), application: application)
            #expect(application.kept.count == 1)
            let login = Task { try await cloud.login("bob", ScriptedPerson(["push"]), application: application) }
            let push = try #require(try await cloud.waitForApprovals(1).last)
            _ = try await cloud.simulator.cloud.waitForTransaction(within: .seconds(10)) { $0.waiting }
            login.cancel()
            #expect(try await login.value.decision != .allow(.duoAllow))
            try await cloud.simulator.cloud.answer(.approve, txid: push.txid)
            #expect(application.kept.count == 0)
        }
    }

    @Test("What Duo rejects is out of date: it is asked before the next attempt, and what it says then holds")
    func unknownDevice() async throws {
        try await Cloud.with { (cloud) async throws in
            let application = try application(cloud)
            _ = try await cloud.login("alice", ScriptedPerson(["100001"]), application: application)
            #expect(application.kept.count == 1)
            await cloud.simulator.cloud.setFault(.status(400, code: 40002), path: "/auth/v2/auth", times: 1)
            let person = ScriptedPerson(["1", "1"])
            async let login = cloud.login("alice", person, application: application)
            try await cloud.answer(.approve)
            #expect(try await login.decision == .allow(.duoAllow))
            #expect(person.prompts.count == 2)
            #expect(await count(cloud) == 2, "one of the first login, one after the rejection")
            #expect(application.kept.count == 0, "the devices that were rejected do not come back")
        }
    }

    @Test("While Duo is known to be down the fail mode decides, whatever was kept (rule 1)")
    func outage() async throws {
        try await Cloud.with { (cloud) async throws in
            let breaker = Cloud.breakerOfAnOutage()
            let application = DuoApplication(
                api: try cloud.application().api, breaker: breaker, kept: KeptPreauths(life: .seconds(60)))
            _ = try await cloud.login("push-approve", ScriptedPerson(["push"]), application: application)
            #expect(application.kept.count == 1)
            await Cloud.meetOutage(breaker)
            let outcome = try await cloud.login(
                "push-approve", ScriptedPerson(), Requirement(fail: .open), application: application)
            #expect(outcome.decision == .allow(.failOpen))
        }
    }

    @Test("A Duo that has gone since then is no outage of preauth: the login is refused, whatever `fail` says")
    func goneSince() async throws {
        try await Cloud.with { (cloud) async throws in
            let application = try application(cloud)
            _ = try await cloud.login("push-approve", ScriptedPerson(["push"]), application: application)
            await cloud.simulator.cloud.setFault(.dropBeforeAnswer, path: "/auth/v2/auth", times: 5)
            let outcome = try await cloud.login(
                "push-approve", ScriptedPerson(["push"]), Requirement(prompts: 1, fail: .open),
                application: application)
            #expect(outcome.decision == .deny(.duoUnreachable))
            #expect(outcome.facts.contact == .failed, "so that somebody looks whether Duo is there")
            #expect(application.kept.count == 0, "the next one asks, and then the fail mode decides")
        }
    }

    @Test(
        "Nobody else finds it (rule 5)",
        arguments: [
            key(duoUser: "bob"), key(address: "192.0.2.10"), key(address: nil), key(host: "other.example"),
            key(verified: false),
        ])
    func otherKeys(_ other: PreauthKey) {
        let kept = KeptPreauths(life: .seconds(60))
        kept.keep(Self.answer(asked: kept.now), Self.key())
        #expect(!kept.holds(other) && kept.take(other) == nil)
        #expect(kept.holds(Self.key()) && kept.take(Self.key()) != nil)
    }

    @Test("Who leaves at the menu has not heard from Duo")
    func leaves() async throws {
        try await Cloud.with { (cloud) async throws in
            let application = try application(cloud)
            _ = try await cloud.login("bob", ScriptedPerson(["300001"]), application: application)
            let outcome = try await cloud.login("bob", ScriptedPerson(), application: application)
            #expect(outcome.decision == .deny(.noAnswer) && outcome.facts.contact == .notAsked)
        }
    }

    @Test("One login at a time has it (rule 3)")
    func oneAtATime() throws {
        let kept = KeptPreauths(life: .seconds(60))
        kept.keep(Self.answer(asked: kept.now), Self.key())
        let answer = try #require(kept.take(Self.key()))
        #expect(kept.take(Self.key()) == nil && !kept.holds(Self.key()))
        kept.keep(answer, Self.key())
        #expect(kept.take(Self.key()) != nil)
    }

    @Test("It holds for its life from when Duo was asked, a minute at most, and use does not renew it (rule 5)")
    func life() throws {
        for (given, life) in [(Duration.seconds(20), Duration.seconds(20)), (.seconds(3_600), .seconds(60))] {
            let now = Mutex(Duration.seconds(1_000))
            let kept = KeptPreauths(life: given, clock: { now.withLock { $0 } })
            kept.keep(Self.answer(asked: .seconds(1_000)), Self.key())
            now.withLock { $0 += life - .milliseconds(1) }
            let answer = try #require(kept.take(Self.key()))
            kept.keep(answer, Self.key())
            #expect(kept.holds(Self.key()))
            now.withLock { $0 += .milliseconds(1) }
            #expect(!kept.holds(Self.key()) && kept.take(Self.key()) == nil)
            kept.keep(answer, Self.key())
            #expect(kept.count == 0)
        }
    }

    @Test("What was asked before a refusal never comes back, what was asked after it does (rule 4)")
    func forgotten() throws {
        let now = Mutex(Duration.seconds(1_000))
        let kept = KeptPreauths(life: .seconds(60), clock: { now.withLock { $0 } })
        kept.keep(Self.answer(asked: .seconds(1_000)), Self.key())
        let taken = try #require(kept.take(Self.key()))
        kept.keep(Self.answer(asked: .seconds(1_000)), Self.key(duoUser: "bob"))
        kept.forget("alice")
        kept.keep(taken, Self.key())
        #expect(kept.count == 1 && kept.holds(Self.key(duoUser: "bob")))
        now.withLock { $0 += .milliseconds(1) }
        kept.keep(Self.answer(asked: now.withLock { $0 }), Self.key())
        #expect(kept.holds(Self.key()))
    }

    @Test("However many come and are refused, there is an end to what is kept (rule 6)")
    func most() {
        let now = Mutex(Duration.seconds(1_000))
        let kept = KeptPreauths(life: .seconds(60), clock: { now.withLock { $0 } })
        func fill() {
            for number in 0..<KeptPreauths.most + 10 {
                kept.keep(Self.answer(asked: now.withLock { $0 }), Self.key(duoUser: "user\(number)"))
            }
        }
        fill()
        #expect(kept.count == KeptPreauths.most)
        now.withLock { $0 += .seconds(60) }
        kept.keep(Self.answer(asked: now.withLock { $0 }), Self.key())
        #expect(kept.count == 1, "those that have ended make room")
        fill()
        // More refused users than are told apart: then everybody is asked about anew.
        for number in 0...KeptPreauths.most { kept.forget("stranger\(number)") }
        #expect(kept.count == 0)
        kept.keep(Self.answer(asked: now.withLock { $0 }), Self.key())
        #expect(kept.count == 0)
    }
}
