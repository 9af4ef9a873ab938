import DuetMemory
import DuetPolicy
import DuoAPI
import DuoSimulator
import Testing

@testable import DuetLogin

@Suite("What the phone says when the login has gone", .timeLimit(.minutes(1)))
struct LateAnswerTests {
    private static let rule = Requirement(remember: Remember(allow: .seconds(900), scope: .tty, deny: .seconds(30)))
    private static let bob = Person(uid: 1_000, duoUser: "bob")

    private static func key(leader: Int32 = 4_711) -> DecisionKey {
        DecisionKey(
            uid: 1_000, user: "bob", callerUID: 1_000, duoUser: "bob", application: "DI", service: "sudo",
            scope: .tty(ttyNumber: 34_816, leader: leader, leaderStart: 8), ruleFingerprint: [1])
    }

    /// Starts a push and hangs up; the push.
    private func abandon(_ cloud: Cloud, _ rule: Requirement, key: DecisionKey? = nil, showsProgress: Bool) async throws
        -> TransactionSummary
    {
        let login = Task {
            try await cloud.login("bob", ScriptedPerson(["push"], showsProgress: showsProgress), rule, key: key)
        }
        let push = try #require(try await cloud.waitForApprovals(1).last)
        // In two steps the transaction is there before the login knows of it.
        _ = try await cloud.simulator.cloud.waitForTransaction(within: .seconds(10)) { $0.waiting }
        login.cancel()
        #expect(try await login.value.decision != .allow(.duoAllow))
        try await eventually { cloud.approvals.leftBehind == 1 }
        return push
    }

    private func eventually(_ condition: () async throws -> Bool) async throws {
        for _ in 0..<2_000 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("waited 10 s in vain")
    }

    @Test(
        "Who starts a push and hangs up does not keep the owner's fraud from being heard", arguments: [true, false])
    func fraud(_ showsProgress: Bool) async throws {
        let (refusals, refused) = AsyncStream.makeStream(of: LateRefusal.self)
        try await Cloud.with(limits: PushLimits(maxPending: 2, maxDenied: 100), late: { refused.yield($0) }) {
            (cloud) async throws in
            _ = try await cloud.login("bob", ScriptedPerson(["300001"]), Self.rule, key: Self.key(leader: 1))
            let push = try await abandon(cloud, Requirement(), showsProgress: showsProgress)
            #expect(cloud.budget.standing(Self.bob) == nil)
            try await cloud.simulator.cloud.answer(.fraud, txid: push.txid)
            for await refusal in refusals {
                #expect(refusal.request.id == "0123456789abcdef" && refusal.request.duoUser == "bob" && refusal.isFraud)
                break
            }
            guard case .fraud = cloud.budget.standing(Self.bob) else {
                Issue.record("pushes go on")
                return
            }
            let store = DecisionStore(cloud.memory)
            #expect(store.lookUp(Self.key(leader: 1), factors: Factor.allCases) == nil, "allows die")
            try await eventually { cloud.approvals.leftBehind == 0 }
        }
    }

    @Test("Deny counts too, ends what was remembered, and is remembered as the rule says")
    func deny() async throws {
        let (refusals, refused) = AsyncStream.makeStream(of: LateRefusal.self)
        try await Cloud.with(late: { refused.yield($0) }) { (cloud) async throws in
            _ = try await cloud.login("bob", ScriptedPerson(["300001"]), Self.rule, key: Self.key(leader: 1))
            let push = try await abandon(cloud, Self.rule, key: Self.key(), showsProgress: false)
            try await cloud.simulator.cloud.answer(.deny, txid: push.txid)
            for await refusal in refusals {
                #expect(!refusal.isFraud)
                break
            }
            guard case .rememberedDenial = cloud.budget.standing(Self.bob, key: Self.key()) else {
                Issue.record("the denial is not remembered")
                return
            }
            let store = DecisionStore(cloud.memory)
            #expect(store.lookUp(Self.key(leader: 1), factors: Factor.allCases) == nil)
        }
    }

    @Test("An approval that comes then lets nobody in, is not remembered, and takes no charge back")
    func approval() async throws {
        try await Cloud.with(limits: PushLimits(maxPending: 2, maxDenied: 1)) { (cloud) async throws in
            let push = try await abandon(cloud, Self.rule, key: Self.key(), showsProgress: false)
            try await cloud.simulator.cloud.answer(.approve, txid: push.txid)
            try await eventually { cloud.approvals.leftBehind == 0 }
            #expect(try DecisionStore(cloud.memory).count().get() == 0)
            guard case .denials = cloud.budget.standing(Self.bob) else {
                Issue.record("an abandoned push does not count any more")
                return
            }
        }
    }

    @Test("Fraud on a push that a passcode overtook is heard")
    func overtaken() async throws {
        let (refusals, refused) = AsyncStream.makeStream(of: LateRefusal.self)
        try await Cloud.with(late: { refused.yield($0) }) { (cloud) async throws in
            let person = ScriptedPerson([
                .does {
                    _ = try await cloud.waitForApprovals(1)
                    return "300001"
                }
            ])
            let outcome = try await cloud.login("bob", person, Requirement(autopush: .prompt))
            #expect(outcome.decision == .allow(.duoAllow) && outcome.facts.factor == .passcode)
            let push = try #require(await cloud.approvals().first)
            try await cloud.simulator.cloud.answer(.fraud, txid: push.txid)
            for await refusal in refusals {
                #expect(refusal.isFraud)
                break
            }
            guard case .fraud = cloud.budget.standing(Self.bob) else {
                Issue.record("pushes go on")
                return
            }
        }
    }

    @Test("Only so many are listened for; the others are given up")
    func many() async throws {
        let approvals = Approvals()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await approvals.run() }
            let (started, start) = AsyncStream.makeStream(of: Void.self)
            let (given, giveUp) = AsyncStream.makeStream(of: Void.self)
            let logins = (0..<Approvals.mostLeft + 5).map { _ in
                Task {
                    let end = await approvals.carry {
                        start.yield()
                        try? await Task.sleep(for: .seconds(3_600))
                        giveUp.yield()
                        return .failed(.cancelled)
                    } late: { _ in
                    }
                    guard case .failed(.cancelled) = end else {
                        Issue.record("\(end)")
                        return
                    }
                }
            }
            var count = 0
            for await _ in started {
                count += 1
                if count == logins.count { break }
            }
            for login in logins { login.cancel() }
            for login in logins { await login.value }
            count = 0
            for await _ in given {
                count += 1
                if count == 5 { break }
            }
            #expect(approvals.leftBehind == Approvals.mostLeft)
            group.cancelAll()
        }
        #expect(approvals.leftBehind == 0, "nothing is left when the daemon stops")
    }

    @Test("A login that has gone before its push was sent gets none")
    func gone() async throws {
        let approvals = Approvals()
        await withTaskGroup(of: Void.self) { group in
            let login = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                let end = await approvals.carry {
                    Issue.record("it was sent")
                    return .endless
                } late: { _ in
                    Issue.record("it was heard")
                }
                guard case .failed(.cancelled) = end else {
                    Issue.record("\(end)")
                    return
                }
            }
            await login.value
            group.addTask { await approvals.run() }
            await Task.yield()
            group.cancelAll()
        }
    }
}
