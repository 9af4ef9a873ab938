import DuetWire
import DuoSimulator
import Testing

@testable import DuetDaemon

@Suite("A login at its menu", .timeLimit(.minutes(1)), .serialized)
struct MenuTests {
    private static let users = #"""
        {"users": [{"name": "root", "passcodes": {"app": ["123456"]}, "devices": [{"number": "+1 555 010 0301"}]}]}
        """#

    /// One that is asked for a factor, and the number of its prompt.
    private static func asked(_ daemon: RunningDaemon, timeout: Duration = .seconds(100)) async throws
        -> (peer: ModulePeer, prompt: UInt32)
    {
        let peer = try ModulePeer(path: daemon.loginSocket)
        try peer.send(ModulePeer.begin("root", timeout: timeout))
        return (peer, try await peer.prompt().number)
    }

    @Test("Each answer goes on from where the one before has led to")
    func answers() async throws {
        try await RunningDaemon.with(users: Self.users) { daemon in
            let (peer, first) = try await Self.asked(daemon)
            try peer.send(.answer(prompt: first, text: "what?"))
            let second = try await peer.prompt().number
            try peer.send(.answer(prompt: second, text: "000000"))
            let third = try await peer.prompt().number
            #expect([first, second, third] == [1, 2, 3])
            try peer.send(.answer(prompt: third, text: "123456"))
            #expect(try await peer.verdict().verdict?.reason == "duo_allow")
        }
    }

    @Test("Whose peer hangs up is over at once, and leaves nothing behind")
    func hangUp() async throws {
        try await RunningDaemon.with(users: Self.users) { daemon in
            let (peer, _) = try await Self.asked(daemon)
            peer.hangUp()
            #expect(try await daemon.log.wait(for: "login decided")["reason"] == "abandoned")
            let report = try await ControlPeer(path: daemon.controlSocket).ask("logins").decoded(LoginsReport.self)
            #expect(report.inFlight == 0)
        }
    }

    @Test("Its time ends there as anywhere")
    func timeOut() async throws {
        try await RunningDaemon.with(users: Self.users) { daemon in
            // Two seconds less for the daemon, and two that a prompt has to have.
            let (peer, _) = try await Self.asked(daemon, timeout: .seconds(6))
            let (verdict, before) = try await peer.verdict()
            #expect(verdict?.result == .deny && verdict?.reason == "timed_out")
            #expect(before.contains { if case .show(.error, _) = $0 { true } else { false } })
            let record = try await daemon.log.wait(for: "login decided")
            #expect(record["duo_user"] == "root" && record["rule"] != nil)
        }
    }

    @Test("An administrator ends it at once")
    func cancel() async throws {
        try await RunningDaemon.with(users: Self.users) { daemon in
            let (peer, _) = try await Self.asked(daemon)
            let control = ControlPeer(path: daemon.controlSocket)
            let login = try #require(try await control.ask("logins").decoded(LoginsReport.self).logins.first)
            #expect(login.waitingFor == "prompt")
            #expect(try await control.ask("logins-cancel", CancelOrder(id: login.id, by: nil)).status == .done)
            #expect(try await peer.verdict().verdict?.reason == "cancelled")
        }
    }

    @Test("An answer to another prompt ends it without a verdict", arguments: [2, 99] as [UInt32])
    func otherPrompt(_ number: UInt32) async throws {
        try await RunningDaemon.with(users: Self.users) { daemon in
            let (peer, _) = try await Self.asked(daemon)
            try peer.send(.answer(prompt: number, text: "123456"))
            #expect(try await peer.verdict().verdict == nil)
            #expect(try await daemon.log.wait(for: "login decided")["reason"] == "malformed")
        }
    }

    @Test("A second answer to one prompt ends it without a verdict, whatever the first was worth")
    func twice() async throws {
        try await RunningDaemon.with(users: Self.users) { daemon in
            await daemon.simulator.cloud.setFault(.delay(.seconds(5)), path: "/auth/v2/auth", times: 1)
            let (peer, prompt) = try await Self.asked(daemon)
            for _ in 0..<2 { try peer.send(.answer(prompt: prompt, text: "123456")) }
            #expect(try await peer.verdict().verdict == nil)
            #expect(try await daemon.log.wait(for: "login decided")["reason"] == "malformed")
        }
    }

    @Test("A daemon that ends refuses it, and says so")
    func stop() async throws {
        var waiting: [ModulePeer] = []
        var log: CapturedLog?
        try await RunningDaemon.with(users: Self.users) { daemon in
            for _ in 0..<20 { waiting.append(try await Self.asked(daemon).peer) }
            log = daemon.log
        }
        for peer in waiting { #expect(try await peer.verdict().verdict?.reason == "stopping") }
        #expect(log?.all("login decided").count == 20)
    }
}
