import DuetWire
import DuoSimulator
import Testing

@testable import DuetDaemon

@Suite("Who is said to be coming", .timeLimit(.minutes(1)), .serialized)
struct PrefetchServerTests {
    private static let users = #"""
        {"users": [{"name": "root", "auto": "approve", "devices": [{"number": "+1 555 010 0301"}]}]}
        """#

    private static func begin(
        _ user: String = "root", pid: UInt32? = 4_711, service: String = "duet-test", rhost: String? = nil
    ) -> Begin {
        let ancestors = pid.map { [ProcessIdentity(pid: $0, start: 8_000)] } ?? []
        return Begin(
            nonce: ModulePeer.nonce, user: user, service: service, caller: 0, timeout: .seconds(100), rhost: rhost,
            session: SessionFacts(ancestors: ancestors))
    }

    /// Says who is coming; returns what the daemon has logged of it.
    private func prefetch(_ daemon: RunningDaemon, _ begin: Begin) async throws -> String? {
        let before = daemon.log.all("prefetch").count
        let peer = try ModulePeer(path: daemon.loginSocket)
        try peer.send(.prefetch(begin))
        #expect(try await peer.receive() == nil, "nothing is answered")
        for _ in 0..<1_000 where daemon.log.all("prefetch").count == before {
            try await Task.sleep(for: .milliseconds(10))
        }
        return daemon.log.all("prefetch").last?["end"]
    }

    /// A whole login by push.
    private func login(_ daemon: RunningDaemon, _ begin: Begin) async throws -> Verdict? {
        let peer = try ModulePeer(path: daemon.loginSocket)
        try peer.send(.begin(begin))
        try peer.send(.answer(prompt: try await peer.prompt().number, text: "push"))
        return try await peer.verdict().verdict
    }

    private func preauths(_ daemon: RunningDaemon) async -> Int {
        await daemon.simulator.cloud.requests().filter { $0.path == "/auth/v2/preauth" }.count
    }

    @Test("Duo is asked before the login comes, and by the next login again")
    func serves() async throws {
        try await RunningDaemon.with(users: Self.users) { (daemon) async throws in
            #expect(try await prefetch(daemon, Self.begin()) == "kept")
            #expect(await preauths(daemon) == 1)
            #expect(await daemon.simulator.cloud.transactions().isEmpty, "nobody's phone rings")
            #expect(try await login(daemon, Self.begin())?.result == .allow)
            #expect(await preauths(daemon) == 1)
            #expect(try await login(daemon, Self.begin())?.result == .allow)
            #expect(await preauths(daemon) == 2)
        }
    }

    @Test("With preauth_reuse an answer serves the next login too, needs no prefetch, and ends with a reload")
    func reused() async throws {
        let rules = "preauth_reuse = \"60s\""
        try await RunningDaemon.with(users: Self.users, rules: rules) { (daemon) async throws in
            for _ in 1...2 { #expect(try await login(daemon, Self.begin())?.result == .allow) }
            #expect(await preauths(daemon) == 1)
            #expect(try await prefetch(daemon, Self.begin(pid: 4_712)) == "not_needed")
            #expect(try await ControlPeer(path: daemon.controlSocket).ask("reload").status == .done)
            #expect(try await login(daemon, Self.begin())?.result == .allow)
            #expect(await preauths(daemon) == 2)
        }
    }

    @Test(
        "A login of another process, service or address asks for itself",
        arguments: [begin(pid: 4_712), begin(pid: nil), begin(service: "sudo"), begin(rhost: "192.0.2.7")])
    func others(_ other: Begin) async throws {
        try await RunningDaemon.with(users: Self.users) { (daemon) async throws in
            #expect(try await prefetch(daemon, Self.begin()) == "kept")
            #expect(try await login(daemon, other)?.result == .allow)
            #expect(await preauths(daemon) == 2)
        }
    }

    @Test(
        "Duo is not asked about whom it would not be asked about",
        arguments: [
            (begin("nobody-knows-me"), ""), (begin(pid: nil), ""),
            (begin(), "[[rule]]\nname = \"all\"\naction = \"bypass\""),
            (begin(), "[[rule]]\nname = \"all\"\naction = \"deny\""),
        ])
    func notNeeded(_ begin: Begin, _ rules: String) async throws {
        try await RunningDaemon.with(users: Self.users, rules: rules) { (daemon) async throws in
            #expect(try await prefetch(daemon, begin) == "not_needed")
            #expect(await preauths(daemon) == 0)
        }
    }

    @Test("An earlier decision that holds is left as it is, and Duo is not asked")
    func remembered() async throws {
        let rules = """
            [[rule]]
            name = "all"
            when = { user = ["root"] }
            action = "require"
            remember = { allow = "15m", scope = "user", uses = 1 }
            """
        try await RunningDaemon.with(users: Self.users, rules: rules) { (daemon) async throws in
            #expect(try await login(daemon, Self.begin())?.result == .allow)
            #expect(try await prefetch(daemon, Self.begin()) == "not_needed")
            let peer = try ModulePeer(path: daemon.loginSocket)
            try peer.send(.begin(Self.begin()))
            #expect(try await peer.verdict().verdict?.reason == "remembered", "its one use is not used up")
            #expect(await preauths(daemon) == 1)
        }
    }

    @Test("A flood is dropped in silence, and logins go on")
    func flood() async throws {
        try await RunningDaemon.with(users: Self.users) { (daemon) async throws in
            for pid in 1_000..<1_010 as Range<UInt32> {
                #expect(try await prefetch(daemon, Self.begin(pid: pid)) == "kept")
            }
            #expect(try await prefetch(daemon, Self.begin(pid: 2_000)) == "dropped")
            #expect(await preauths(daemon) == 10)
            #expect(try await login(daemon, Self.begin(pid: 2_000))?.result == .allow)
        }
    }

    @Test("Whoever has opened a login cannot be said to be coming")
    func afterBegin() async throws {
        try await RunningDaemon.with(users: Self.users) { (daemon) async throws in
            await daemon.simulator.cloud.setFault(.delay(.seconds(5)), path: "/auth/v2/preauth", times: 1)
            let peer = try ModulePeer(path: daemon.loginSocket)
            try peer.send(.begin(Self.begin()))
            try peer.send(.prefetch(Self.begin()))
            #expect(try await peer.verdict().verdict == nil)
            #expect(try await daemon.log.wait(for: "login decided")["reason"] == "malformed")
        }
    }
}
