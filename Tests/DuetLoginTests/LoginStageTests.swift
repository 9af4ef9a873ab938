import DuetLogin
import DuetMemory
import DuetPolicy
import DuoSimulator
import Synchronization
import Testing

@Suite("What a login waits for", .timeLimit(.minutes(1)))
struct LoginStageTests {
    /// The stages of one login, in order.
    private final class Stages: Sendable {
        private let state = Mutex<[LoginStage]>([])

        var all: [LoginStage] { state.withLock { $0 } }
        var words: [String] { all.map(\.description) }
        func enter(_ stage: LoginStage) { state.withLock { $0.append(stage) } }

        func wait(for stage: LoginStage) async throws {
            let end = ContinuousClock.now + .seconds(10)
            while !all.contains(stage) {
                guard ContinuousClock.now < end else { throw CloudError.nothingWaiting }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    @Test("The menu, a wrong passcode, the menu again, a push; and how long Duo took is known")
    func menu() async throws {
        try await Cloud.with { cloud in
            let stages = Stages()
            let person = ScriptedPerson(["999999", "push"])
            async let outcome = cloud.login("alice", person, stage: { stages.enter($0) })
            try await stages.wait(for: .push(device: "iOS (XXX-XXX-0100)"))
            try await cloud.answer(.approve)
            #expect(try await outcome.decision == .allow(.duoAllow))
            #expect(try await outcome.facts.preauthTime ?? .zero > .zero)
            #expect(
                stages.words == ["preauth", "prompt", "passcode check", "prompt", "push to iOS (XXX-XXX-0100)"])
        }
    }

    @Test("While a push and a prompt are waited for, it is the push")
    func atPrompt() async throws {
        try await Cloud.with { cloud in
            let stages = Stages()
            let person = ScriptedPerson([.says("999999"), .waits])
            let rule = Requirement(autopush: .prompt)
            async let outcome = cloud.login("alice", person, rule, stage: { stages.enter($0) })
            try await stages.wait(for: .passcode)
            try await cloud.answer(.approve)
            #expect(try await outcome.decision == .allow(.duoAllow))
            #expect(stages.all.contains(.push(device: "iOS (XXX-XXX-0100)")))
            #expect(!stages.all.contains(.prompt))
        }
    }

    @Test("Who waits for another login's push says so")
    func shared() async throws {
        try await Cloud.with { cloud in
            let rule = Requirement(remember: Remember(allow: .seconds(900), scope: .tty, deny: .seconds(30)))
            let key = DecisionKey(
                uid: 1_000, user: "alice", callerUID: 1_000, duoUser: "alice", application: "DI", service: "sudo",
                scope: .tty(ttyNumber: 34_816, leader: 4_711, leaderStart: 8), ruleFingerprint: [1])
            let (first, second) = (Stages(), Stages())
            let push = LoginStage.push(device: "iOS (XXX-XXX-0100)")
            async let leader = cloud.login(
                "alice", ScriptedPerson(["push"]), rule, key: key, stage: { first.enter($0) })
            try await first.wait(for: push)
            _ = try await cloud.waitForApprovals(1)
            async let follower = cloud.login(
                "alice", ScriptedPerson(["push"]), rule, key: key, stage: { second.enter($0) })
            try await second.wait(for: .otherLogin)
            try await cloud.answer(.approve)
            _ = try await (leader, follower)
            #expect(first.all.last == push)
            #expect(!second.all.contains(push))
        }
    }
}
