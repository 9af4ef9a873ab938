import DuetWire
import Testing

@testable import DuetDaemon

@Suite("Login limits")
struct LoginLimitsTests {
    private func origin(caller: UInt32 = 0, user: String = "alice", rhost: String? = nil) -> LoginRegistry.Origin {
        LoginRegistry.Origin(
            Begin(
                nonce: ModulePeer.nonce, user: user, service: "sshd", caller: caller, timeout: .seconds(1), rhost: rhost
            ))
    }

    /// How many of a hundred logins of this kind are admitted.
    private func admitted(_ registry: LoginRegistry, _ kind: String, _ origin: LoginRegistry.Origin) -> Int {
        (0..<100).filter { registry.enter("\(kind)-\($0)", origin) { _ in } }.count
    }

    private func registry(_ change: (inout LoginLimits) -> Void = { _ in }) -> LoginRegistry {
        var limits = LoginLimits(descriptors: 10_000)
        change(&limits)
        return LoginRegistry(limits: limits)
    }

    @Test("A user who runs many sudos is stopped, others and root are not")
    func callers() {
        let registry = registry()
        #expect(admitted(registry, "a", origin(caller: 1_001)) == 32)
        #expect(admitted(registry, "b", origin(caller: 1_002)) == 32)
        #expect(admitted(registry, "c", origin(caller: 0)) == 100)
    }

    @Test("One address is stopped, others are not")
    func addresses() {
        let registry = registry { $0.perAddress = 10 }
        #expect(admitted(registry, "a", origin(rhost: "192.0.2.7")) == 10)
        #expect(admitted(registry, "b", origin(rhost: "::ffff:192.0.2.7")) == 0)
        #expect(admitted(registry, "c", origin(rhost: "192.0.2.8")) == 10)
    }

    @Test("The target is not limited: who knows a password cannot keep the owner out")
    func targets() {
        let registry = registry { $0.perAddress = 10 }
        #expect(admitted(registry, "a", origin(user: "bob", rhost: "192.0.2.7")) == 10)
        #expect(registry.enter("owner", origin(user: "bob", rhost: "198.51.100.2")) { _ in })
    }

    @Test("When all places are taken, root's own logins still find one")
    func reserved() {
        let registry = registry { $0.total = 40 }
        #expect(admitted(registry, "a", origin(rhost: "192.0.2.7")) == 24)
        // sudo to root by a user is not root's own.
        #expect(admitted(registry, "b", origin(caller: 1_001, user: "root")) == 0)
        #expect(admitted(registry, "c", origin(user: "root", rhost: "192.0.2.7")) == 16)
    }

    @Test("A login that ends makes its place free again, once")
    func leaving() {
        let registry = registry()
        #expect(admitted(registry, "a", origin(caller: 1_001, rhost: "192.0.2.7")) == 32)
        for _ in 0..<2 { registry.leave("a-0", result: "allow", isTrial: false) }
        registry.leave("never-in", result: "deny", isTrial: false)
        #expect(registry.inFlight == 31)
        #expect(registry.ended == ["allow": 2, "deny": 1])
        #expect(admitted(registry, "b", origin(caller: 1_001)) == 1)
    }

    @Test("Few descriptors still leave places")
    func descriptors() {
        #expect(LoginLimits(descriptors: 10).total == 32)
        #expect(LoginLimits(descriptors: 1_024).total == 464)
        #expect(LoginLimits(descriptors: 65_536).total == 32_720)
    }
}
