import DuetWire
import DuoSimulator
import Testing

@testable import DuetDaemon

@Suite("A login that needs nobody", .timeLimit(.minutes(1)), .serialized)
struct QuickLoginTests {
    private static let users = #"""
        {"users": [{"name": "root", "auto": "approve", "devices": [{"number": "+1 555 010 0301"}]}]}
        """#
    private static let remembering = """
        [[rule]]
        name = "all"
        when = { user = ["root"] }
        action = "require"
        remember = { allow = "15m", scope = "user" }
        """

    /// A login that Duo approves, and that is remembered.
    private func remember(_ daemon: RunningDaemon) async throws {
        let peer = try ModulePeer(path: daemon.loginSocket)
        // As much time as a push needs.
        try peer.send(ModulePeer.begin("root", timeout: .seconds(100)))
        try peer.send(.answer(prompt: try await peer.prompt().number, text: "push"))
        #expect(try await peer.verdict().verdict?.reason == "duo_allow")
    }

    private func records(_ daemon: RunningDaemon, _ count: Int) async throws -> [[String: String]] {
        for _ in 0..<1_000 where daemon.log.all("login decided").count < count {
            try await Task.sleep(for: .milliseconds(10))
        }
        return daemon.log.all("login decided")
    }

    @Test("It is decided in the turn in which its BEGIN came: no other login gets in between")
    func oneTurn() async throws {
        try await RunningDaemon.with(users: Self.users, rules: Self.remembering) { daemon in
            try await remember(daemon)
            // One that waits beside it, so that there is something that could get in between.
            let waiting = try ModulePeer(path: daemon.loginSocket)
            try waiting.send(ModulePeer.begin("root", isTrial: true, timeout: .seconds(100)))
            let prompt = try await waiting.prompt().number
            for _ in 0..<100 {
                let peer = try ModulePeer(path: daemon.loginSocket)
                try peer.send(ModulePeer.begin("root"))
                let (verdict, before) = try await peer.verdict()
                #expect(verdict?.result == .allow && verdict?.reason == "remembered" && before.isEmpty)
                #expect(try await peer.receive() == nil)
            }
            try waiting.send(.answer(prompt: prompt, text: "push"))
            #expect(try await waiting.verdict().verdict?.result == .allow)
            let records = try await records(daemon, 102)
            #expect(records.count == 102)
            #expect(records.filter { $0["reason"] == "remembered" && $0["rule"] == "all" }.count == 100)
            #expect(Set(records.compactMap { $0["login"] }).count == 102)
        }
    }

    @Test("What comes with a BEGIN, before anybody has asked, is malformed, and there is no verdict")
    func pipelined() async throws {
        try await RunningDaemon.with(users: Self.users, rules: Self.remembering) { daemon in
            try await remember(daemon)
            let peer = try ModulePeer(path: daemon.loginSocket)
            let answer = ModuleMessage.answer(prompt: 1, text: "push")
            peer.send(try ModulePeer.begin("root").frame().bytes + answer.frame().bytes)
            #expect(try await peer.verdict().verdict == nil)
            #expect(try await records(daemon, 2).last?["reason"] == "malformed")
        }
    }

    @Test("A peer that hangs up right after BEGIN harms nobody, and leaves a record")
    func hangsUp() async throws {
        try await RunningDaemon.with(users: Self.users, rules: Self.remembering) { daemon in
            try await remember(daemon)
            for _ in 0..<50 {
                let peer = try ModulePeer(path: daemon.loginSocket)
                try peer.send(ModulePeer.begin("root"))
                peer.hangUp()
            }
            #expect(try await records(daemon, 51).count == 51)
            let peer = try ModulePeer(path: daemon.loginSocket)
            try peer.send(ModulePeer.begin("root"))
            #expect(try await peer.verdict().verdict?.reason == "remembered")
        }
    }

    @Test("Its limits are those of every login: with all places taken it is refused")
    func limits() async throws {
        let registry = LoginRegistry(limits: LoginLimits(descriptors: 0))
        let begin = Begin(
            nonce: ModulePeer.nonce, user: "alice", service: "sudo", caller: 1_001, timeout: .seconds(60))
        let origin = LoginRegistry.Origin(begin)
        #expect(registry.admission(of: origin) == .welcome)
        let first = try LoginConnection.toNobody(begin)
        registry.enter(first)
        while registry.admission(of: origin) == .welcome { registry.enter(try LoginConnection.toNobody(begin)) }
        #expect(registry.admission(of: origin) == .full)
        registry.leave(first.id, result: "allow", isTrial: false)
        #expect(registry.admission(of: origin) == .welcome)
        registry.stop()
        #expect(registry.admission(of: origin) == .stopping)
    }

    @Test("A login whose time is over is refused by the time that its rule gives, and its record names rule and user")
    func ruleTimeout() async throws {
        let rules = """
            [[rule]]
            name = "short"
            action = "require"
            timeout = "10s"
            """
        try await RunningDaemon.with(users: Self.users, rules: rules) { daemon in
            let peer = try ModulePeer(path: daemon.loginSocket)
            let start = ContinuousClock.now
            try peer.send(ModulePeer.begin("root"))
            _ = try await peer.prompt()
            var beats = 0
            var end: Verdict?
            while let message = try await peer.receive() {
                if case .heartbeat = message { beats += 1 }
                if case .verdict(let verdict) = message { end = verdict }
            }
            #expect(end?.result == .deny && end?.reason == "timed_out")
            #expect(beats >= 1)
            #expect(ContinuousClock.now - start >= .seconds(10))
            let record = try #require(try await records(daemon, 1).last)
            #expect(record["rule"] == "short" && record["duo_user"] == "root")
        }
    }
}
