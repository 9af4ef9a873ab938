import DuetWire
import DuoSimulator
import Testing

@testable import DuetDaemon

@Suite("Login socket", .timeLimit(.minutes(1)), .serialized)
struct LoginServerTests {
    @Test("A verdict carries the nonce of its login, then the daemon hangs up")
    func verdict() async throws {
        try await RunningDaemon.with { daemon in
            let peer = try ModulePeer(path: daemon.loginSocket)
            // root is known to every host; Duo knows nobody of that name, so the simulator answers enroll.
            try peer.send(ModulePeer.begin("root"))
            let portal = try await peer.prompt()
            #expect(portal.text.contains("https://"))
            try peer.send(.answer(prompt: portal.number, text: ""))
            let (verdict, _) = try await peer.verdict()
            #expect(verdict?.nonce == ModulePeer.nonce)
            #expect(verdict?.result == .deny && verdict?.reason == "duo_enroll")
            #expect(try await peer.receive() == nil)
            #expect(try await daemon.log.wait(for: "login decided")["login"] == verdict?.login)
        }
    }

    @Test("An unknown user is refused without a request to Duo")
    func unknown() async throws {
        try await RunningDaemon.with { daemon in
            let peer = try ModulePeer(path: daemon.loginSocket)
            try peer.send(ModulePeer.begin("nobody-knows-me"))
            #expect(try await peer.verdict().verdict?.result == .unknown)
            let asked = await daemon.simulator.cloud.requests().filter { $0.path != "/auth/v2/ping" }
            #expect(asked.isEmpty)
        }
    }

    @Test(
        "What the protocol does not permit is answered by nothing but a close",
        arguments: [
            ("garbage", [UInt8](repeating: 0x41, count: 64)),
            ("an answer before BEGIN", [0x44, 0x55, 1, 2, 0, 0, 0, 12, 0, 1, 0, 4, 0, 0, 0, 1, 0, 2, 0, 0]),
            ("a length over the cap", [0x44, 0x55, 1, 1, 0xFF, 0xFF, 0xFF, 0xFF]),
            ("a frame of the daemon's", [0x44, 0x55, 1, 0x84, 0, 0, 0, 0]),
        ])
    func malformed(_ name: String, _ bytes: [UInt8]) async throws {
        try await RunningDaemon.with { daemon in
            let peer = try ModulePeer(path: daemon.loginSocket)
            peer.send(bytes)
            #expect(try await peer.receive() == nil)
        }
    }

    @Test("A second BEGIN ends the login without a verdict")
    func twice() async throws {
        try await RunningDaemon.with { daemon in
            await daemon.simulator.cloud.setFault(.delay(.seconds(5)), path: "/auth/v2/preauth", times: 1)
            let peer = try ModulePeer(path: daemon.loginSocket)
            try peer.send(ModulePeer.begin("root"))
            try peer.send(ModulePeer.begin("root"))
            #expect(try await peer.verdict().verdict == nil)
            #expect(try await daemon.log.wait(for: "login decided")["reason"] == "malformed")
        }
    }

    @Test("A peer that hangs up abandons its login")
    func abandoned() async throws {
        try await RunningDaemon.with { daemon in
            await daemon.simulator.cloud.setFault(.delay(.seconds(5)), path: "/auth/v2/preauth", times: 1)
            let peer = try ModulePeer(path: daemon.loginSocket)
            try peer.send(ModulePeer.begin("root"))
            peer.hangUp()
            #expect(try await daemon.log.wait(for: "login decided")["reason"] == "abandoned")
        }
    }

    @Test("A login whose time is over is refused before the module gives up, and fail = open does not help")
    func deadline() async throws {
        try await RunningDaemon.with { daemon in
            await daemon.simulator.cloud.setFault(.delay(.seconds(5)), path: "/auth/v2/preauth", times: 1)
            let peer = try ModulePeer(path: daemon.loginSocket)
            try peer.send(ModulePeer.begin("root", timeout: .milliseconds(2_300)))
            let verdict = try await peer.verdict().verdict
            #expect(verdict?.result == .deny)
            #expect(["timed_out", "duo_unreachable"].contains(verdict?.reason))
        }
    }

    @Test("A configuration that does not stand refuses every login, and says where")
    func refusing() async throws {
        try await RunningDaemon.with(configuration: "[duo]\nikey = 1\n") { daemon in
            let peer = try ModulePeer(path: daemon.loginSocket)
            try peer.send(ModulePeer.begin("root"))
            let (verdict, before) = try await peer.verdict()
            #expect(verdict?.result == .deny && verdict?.reason == "not_configured")
            #expect(
                before.contains { if case .show(.error, let text) = $0 { text.contains("duet.toml") } else { false } })
        }
    }

    @Test("A verdict comes byte by byte just as well")
    func byteByByte() async throws {
        try await RunningDaemon.with { daemon in
            let peer = try ModulePeer(path: daemon.loginSocket)
            for byte in try ModulePeer.begin("nobody-knows-me").frame().bytes { peer.send([byte]) }
            #expect(try await peer.verdict().verdict?.result == .unknown)
        }
    }
}
