import DuetWire
import Testing

@testable import DuetDaemon

@Suite("Login limits")
struct LoginLimitsTests {
    private func begin(caller: UInt32 = 0, user: String = "alice", rhost: String? = nil) -> Begin {
        Begin(nonce: ModulePeer.nonce, user: user, service: "sshd", caller: caller, timeout: .seconds(1), rhost: rhost)
    }

    /// Those of a hundred logins of this kind that are admitted.
    private func entered(_ registry: LoginRegistry, _ begin: Begin) throws -> [LoginConnection] {
        try (0..<100).compactMap { _ in
            guard registry.admission(of: LoginRegistry.Origin(begin)) == .welcome else { return nil }
            let login = try LoginConnection.toNobody(begin)
            registry.enter(login)
            return login
        }
    }

    private func admitted(_ registry: LoginRegistry, _ begin: Begin) throws -> Int {
        try entered(registry, begin).count
    }

    private func registry(_ change: (inout LoginLimits) -> Void = { _ in }) -> LoginRegistry {
        var limits = LoginLimits(descriptors: 10_000)
        change(&limits)
        return LoginRegistry(limits: limits)
    }

    @Test("A user who runs many sudos is stopped, others and root are not")
    func callers() throws {
        let registry = registry()
        #expect(try admitted(registry, begin(caller: 1_001)) == 32)
        #expect(try admitted(registry, begin(caller: 1_002)) == 32)
        #expect(try admitted(registry, begin(caller: 0)) == 100)
    }

    @Test("One address is stopped, others are not")
    func addresses() throws {
        let registry = registry { $0.perAddress = 10 }
        #expect(try admitted(registry, begin(rhost: "192.0.2.7")) == 10)
        #expect(try admitted(registry, begin(rhost: "::ffff:192.0.2.7")) == 0)
        #expect(try admitted(registry, begin(rhost: "192.0.2.8")) == 10)
    }

    @Test("The target is not limited: who knows a password cannot keep the owner out")
    func targets() throws {
        let registry = registry { $0.perAddress = 10 }
        #expect(try admitted(registry, begin(user: "bob", rhost: "192.0.2.7")) == 10)
        #expect(try admitted(registry, begin(user: "bob", rhost: "198.51.100.2")) == 10)
    }

    @Test("When all places are taken, root's own logins still find one")
    func reserved() throws {
        let registry = registry { $0.total = 40 }
        #expect(try admitted(registry, begin(rhost: "192.0.2.7")) == 24)
        // sudo to root by a user is not root's own.
        #expect(try admitted(registry, begin(caller: 1_001, user: "root")) == 0)
        #expect(try admitted(registry, begin(user: "root", rhost: "192.0.2.7")) == 16)
    }

    @Test("A login that ends makes its place free again, once")
    func leaving() throws {
        let registry = registry()
        let logins = try entered(registry, begin(caller: 1_001, rhost: "192.0.2.7"))
        #expect(logins.count == 32)
        for _ in 0..<2 { registry.leave(logins[0].id, result: "allow", isTrial: false) }
        registry.leave("never-in", result: "deny", isTrial: false)
        #expect(registry.inFlight == 31)
        #expect(registry.ended == ["allow": 2, "deny": 1])
        #expect(try admitted(registry, begin(caller: 1_001)) == 1)
    }

    @Test("Few descriptors still leave places")
    func descriptors() {
        #expect(LoginLimits(descriptors: 10).total == 32)
        #expect(LoginLimits(descriptors: 1_024).total == 464)
        #expect(LoginLimits(descriptors: 65_536).total == 32_720)
    }
}
