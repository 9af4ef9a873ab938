import DuetPolicy
import DuoAPI
import DuoSimulator
import Synchronization
import Testing

@testable import DuetLogin

@Suite("Asked ahead", .timeLimit(.minutes(1)))
struct PrefetchesTests {
    private static func key(
        pid: UInt32 = 4_711, start: UInt64 = 8_000, user: String = "push-approve", duoUser: String = "push-approve",
        application: String = "DI@duo.example", service: String = "sshd", address: String? = "192.0.2.9",
        verified: Bool = true
    ) -> PrefetchKey {
        PrefetchKey(
            pid: pid, start: start, user: user, duoUser: duoUser, application: application, service: service,
            address: address.flatMap { ClientAddress($0) }, supportsVerifiedPush: verified)
    }

    private static let network = PrefetchSource(address: ClientAddress("192.0.2.9"), caller: 0)

    private func prefetch(_ cloud: Cloud, _ user: String, _ key: PrefetchKey, from number: UInt32 = 1) async throws
        -> PrefetchEnd
    {
        let api = try cloud.application().api
        let facts = LoginFacts(duoUser: user, address: ClientAddress("192.0.2.9"), host: "host.example")
        return await cloud.prefetches.ask(key, from: .user(number)) { () async throws(DuoError) in
            try await api.preauth(facts, supportsVerifiedPush: true, deadline: .seconds(5))
        }
    }

    private func preauths(_ cloud: Cloud) async -> Int {
        await cloud.simulator.cloud.requests().filter { $0.path == "/auth/v2/preauth" }.count
    }

    /// What Duo says to a closure of ours.
    private static let needed = PreauthResult.auth(devices: [], statusMessage: "", verifiedPush: nil)

    private func keep(_ prefetches: Prefetches, _ key: PrefetchKey, _ source: PrefetchSource = network) async
        -> PrefetchEnd
    {
        await prefetches.ask(key, from: source) { () async throws(DuoError) in Self.needed }
    }

    @Test("It serves the login that follows, once, and causes no push")
    func serves() async throws {
        try await Cloud.with { (cloud) async throws in
            #expect(try await prefetch(cloud, "push-approve", Self.key()) == .kept)
            #expect(await cloud.approvals().isEmpty)
            let first = try await cloud.login("push-approve", ScriptedPerson(["push"]), ahead: Self.key())
            #expect(first.decision == .allow(.duoAllow))
            #expect(await preauths(cloud) == 1)
            let second = try await cloud.login("push-approve", ScriptedPerson(["push"]), ahead: Self.key())
            #expect(second.decision == .allow(.duoAllow))
            #expect(await preauths(cloud) == 2)
        }
    }

    @Test(
        "Nobody else finds it",
        arguments: [
            key(pid: 4_712), key(start: 8_001), key(user: "alice"), key(duoUser: "alice"),
            key(application: "DX@duo.example"), key(application: "DI@other.example"), key(service: "sudo"),
            key(address: "192.0.2.10"), key(address: nil), key(verified: false),
        ])
    func otherKeys(_ other: PrefetchKey) async {
        let prefetches = Prefetches()
        #expect(await keep(prefetches, Self.key()) == .kept)
        #expect(await prefetches.take(other, within: .seconds(1)) == nil)
        #expect(await prefetches.take(Self.key(), within: .seconds(1)) != nil)
    }

    @Test(
        "Whoever is let in, refused, sent to enroll or has to type a code is asked about by the login itself",
        arguments: ["preauth-allow", "preauth-deny", "enroll", "verified-push", "server-error", "unknown-preauth"])
    func notKept(_ user: String) async throws {
        try await Cloud.with { (cloud) async throws in
            #expect(try await prefetch(cloud, user, Self.key(duoUser: user)) == .notKept)
            #expect(cloud.prefetches.count == 0)
            let before = await preauths(cloud)
            let outcome = try await cloud.login(
                user, ScriptedPerson(), Requirement(fail: .closed), ahead: Self.key(duoUser: user))
            #expect(await preauths(cloud) > before)
            let isServed = user == "preauth-allow"
            #expect((outcome.decision == .allow(.duoBypass)) == isServed)
        }
    }

    @Test("A login that comes while it is being asked waits for it, and sends none of its own")
    func running() async throws {
        try await Cloud.with { (cloud) async throws in
            await cloud.simulator.cloud.setFault(.delay(.milliseconds(300)), path: "/auth/v2/preauth", times: 1)
            async let ahead = prefetch(cloud, "push-approve", Self.key())
            while cloud.prefetches.count == 0 { try await Task.sleep(for: .milliseconds(1)) }
            let outcome = try await cloud.login("push-approve", ScriptedPerson(["push"]), ahead: Self.key())
            #expect(outcome.decision == .allow(.duoAllow))
            #expect(try await ahead == .kept)
            #expect(await preauths(cloud) == 1)
            #expect(cloud.prefetches.count == 0)
        }
    }

    @Test("A login whose prefetch fails or takes too long asks for itself", arguments: [true, false])
    func tooSlow(_ fails: Bool) async throws {
        try await Cloud.with { (cloud) async throws in
            // Half of a patience is waited for it.
            let given = try cloud.application()
            let application = DuoApplication(
                api: given.api, breaker: given.breaker, preauthTimeout: .seconds(3))
            let fault: Fault = fails ? .status(400) : .delay(.milliseconds(2_500))
            await cloud.simulator.cloud.setFault(fault, path: "/auth/v2/preauth", times: 1)
            async let ahead = prefetch(cloud, "push-approve", Self.key())
            while await preauths(cloud) == 0 { try await Task.sleep(for: .milliseconds(1)) }
            let outcome = try await cloud.login(
                "push-approve", ScriptedPerson(["push"]), ahead: Self.key(), application: application)
            #expect(outcome.decision == .allow(.duoAllow))
            #expect(await preauths(cloud) == 2)
            _ = try await ahead
            #expect(cloud.prefetches.count == 0, "what nobody waited for is not kept")
        }
    }

    @Test("While Duo is known to be down the fail mode decides, whatever was kept")
    func outage() async throws {
        try await Cloud.with { (cloud) async throws in
            let breaker = Cloud.breakerOfAnOutage()
            await Cloud.meetOutage(breaker)
            #expect(try await prefetch(cloud, "push-approve", Self.key()) == .kept)
            let application = DuoApplication(api: try cloud.application().api, breaker: breaker)
            let outcome = try await cloud.login(
                "push-approve", ScriptedPerson(), Requirement(fail: .open), ahead: Self.key(), application: application)
            #expect(outcome.decision == .allow(.failOpen))
        }
    }

    @Test("It is served once, also when two ask at once")
    func once() async {
        let prefetches = Prefetches()
        #expect(await keep(prefetches, Self.key()) == .kept)
        #expect(await keep(prefetches, Self.key()) == .known, "one login has one")
        let served = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask { await prefetches.take(Self.key(), within: .seconds(1)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(served == 1)
    }

    @Test("It is served for 60 s, and forgotten then")
    func life() async {
        let now = Mutex(Duration.seconds(1_000))
        let prefetches = Prefetches(clock: { now.withLock { $0 } })
        #expect(await keep(prefetches, Self.key(pid: 1)) == .kept)
        #expect(await keep(prefetches, Self.key(pid: 2)) == .kept)
        now.withLock { $0 += .milliseconds(59_999) }
        #expect(await prefetches.take(Self.key(pid: 1), within: .seconds(1)) != nil)
        now.withLock { $0 += .milliseconds(1) }
        #expect(await prefetches.take(Self.key(pid: 2), within: .seconds(1)) == nil)
        #expect(await keep(prefetches, Self.key(pid: 3)) == .kept)
        now.withLock { $0 += .seconds(60) }
        #expect(await keep(prefetches, Self.key(pid: 4)) == .kept)
        #expect(prefetches.count == 1, "what nobody fetched is gone")
    }

    @Test("One source is stopped, others are not, until all of them are")
    func limits() async {
        let now = Mutex(Duration.seconds(1_000))
        let prefetches = Prefetches(clock: { now.withLock { $0 } })
        func kept(_ source: PrefetchSource, _ first: UInt32) async -> Int {
            var kept = 0
            for pid in first..<first + 30 where await keep(prefetches, Self.key(pid: pid), source) == .kept {
                kept += 1
            }
            return kept
        }
        #expect(await kept(Self.network, 100) == 10)
        #expect(await kept(PrefetchSource(address: ClientAddress("2001:db8::1"), caller: 0), 200) == 10)
        #expect(
            await kept(PrefetchSource(address: ClientAddress("2001:db8::2"), caller: 0), 300) == 0,
            "one /64, one client")
        for caller in 1...4 as ClosedRange<UInt32> { #expect(await kept(.user(caller), 1_000 * caller) == 10) }
        #expect(await kept(.user(5), 9_000) == 0, "sixty a minute from whomever")
        #expect(prefetches.dropped > 0 && prefetches.count <= 60)
        now.withLock { $0 += .seconds(60) }
        #expect(await kept(Self.network, 10_000) == 10)
    }

    @Test("Only so many run at once")
    func inFlight() async {
        let prefetches = Prefetches()
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: PrefetchEnd.self) { group in
            let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
            for _ in 0..<8 {
                group.addTask {
                    await prefetches.admitted {
                        arrived.yield()
                        for await _ in gate { break }
                        return .kept
                    }
                }
            }
            var inside = 0
            for await _ in arrivals {
                inside += 1
                if inside == 8 { break }
            }
            #expect(await prefetches.admitted { .kept } == .dropped)
            open.finish()
            for await end in group { #expect(end == .kept) }
        }
        #expect(await prefetches.admitted { .kept } == .kept)
    }
}
