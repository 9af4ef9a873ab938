import DuoSimulator
import Testing

@Suite("Scenarios over TLS", .serialized)
struct ScenarioTests {
    @Test(
        "Every preauth result is reached by a built-in user",
        arguments: [
            ("push-approve", "auth"), ("preauth-allow", "allow"), ("preauth-deny", "deny"), ("enroll", "enroll"),
            ("unknown-preauth", "maybe"), ("in nobody's directory", "enroll"),
        ])
    func preauth(user: String, result: String) async throws {
        try await withSimulator { simulator in
            let reply = try await simulator.send(.post("preauth", [("username", user)]))
            #expect(reply.status == 200)
            #expect(reply["result"] == result)
            #expect((reply["enroll_portal_url"] != nil) == (result == "enroll"))
            #expect((reply.response?["devices"] != nil) == (result == "auth"))
        }
    }

    @Test(
        "Every status of auth_status is reached by a built-in user",
        arguments: [
            ("push-approve", "push", ["waiting/pushed", "allow/allow"]),
            ("push-deny", "push", ["waiting/pushed", "deny/deny"]),
            ("push-fraud", "push", ["waiting/pushed", "deny/fraud"]),
            ("push-timeout", "push", ["waiting/pushed", "deny/timeout"]),
            ("push-failed", "push", ["waiting/push_failed", "allow/allow"]),
            ("phone-approve", "phone", ["waiting/calling", "waiting/answered", "allow/allow"]),
            ("phone-deny", "phone", ["waiting/calling", "waiting/answered", "deny/deny"]),
            ("phone-approve", "auto", ["waiting/calling", "waiting/answered", "allow/allow"]),
            ("push-approve", "auto", ["waiting/pushed", "allow/allow"]),
            ("sms", "sms", ["deny/sent"]),
            ("locked-out", "push", ["waiting/pushed", "deny/locked_out"]),
            ("preauth-allow", "push", ["allow/bypass"]),
            ("preauth-deny", "push", ["deny/deny"]),
            ("unknown-result", "push", ["waiting/pushed", "maybe/purple"]),
            ("unknown-status", "push", ["waiting/pushed", "allow/purple"]),
        ])
    func statuses(user: String, factor: String, expected: [String]) async throws {
        try await withSimulator { simulator in
            let started = try await simulator.send(.auth(user, factor, [("async", "1")]))
            let txid = try #require(started["txid"])
            let polls = Array(repeating: Call.get("auth_status", [("txid", txid)]), count: expected.count)
            let replies = try await simulator.send(polls)
            #expect(replies.map { "\($0["result"] ?? "")/\($0["status"] ?? "")" } == expected)
        }
    }

    @Test(
        "A sync auth is answered with the final step alone",
        arguments: [("push-approve", "allow"), ("push-fraud", "fraud")])
    func sync(user: String, status: String) async throws {
        try await withSimulator { simulator in
            let reply = try await simulator.send(.auth(user, "push"))
            #expect(reply["status"] == status)
        }
    }

    @Test("A sync auth is held until the person answers")
    func syncHeld() async throws {
        try await withSimulator { simulator in
            async let reply = simulator.send(.auth("alice", "push"))
            let held = try await simulator.cloud.waitForTransaction(within: .seconds(30)) { $0.waiting }
            #expect(held.user == "alice")
            try await simulator.cloud.answer(.approve, txid: nil)
            #expect(try await reply["result"] == "allow")
        }
    }

    @Test("A client that hangs up during a held poll is noticed")
    func hangUp() async throws {
        try await withSimulator { simulator in
            let txid = try #require(try await simulator.send(.auth("alice", "push", [("async", "1")]))["txid"])
            let polling = Task {
                try await simulator.send(Array(repeating: Call.get("auth_status", [("txid", txid)]), count: 2))
            }
            _ = try await simulator.cloud.waitForTransaction(within: .seconds(30)) { $0.waiting && $0.polls == 2 }
            polling.cancel()
            let gone = try await simulator.cloud.waitForTransaction(within: .seconds(30)) { !$0.waiting }
            #expect(gone.pending)
            _ = try? await polling.value
            let last = try #require(await simulator.cloud.requests().last)
            #expect(last.path == "/auth/v2/auth_status")
            #expect(last.status == nil)
        }
    }

    @Test("Connections, handshakes, records and methods are counted")
    func counts() async throws {
        try await withSimulator { simulator in
            let replies = try await simulator.send([
                .get("ping"), .get("check"), .post("preauth", [("username", "bob")]),
            ])
            #expect(replies.map(\.status) == [200, 200, 200])
            let counts = await simulator.cloud.connections()
            #expect(counts.accepted == 1)
            #expect(counts.handshakes == 1)
            let requests = await simulator.cloud.requests()
            #expect(requests.map(\.path) == ["/auth/v2/ping", "/auth/v2/check", "/auth/v2/preauth"])
            #expect(requests.map(\.connection) == [1, 1, 1])
            #expect(requests.allSatisfy { $0.reads == 1 })
        }
    }

    @Test("Both signature versions and both digests are accepted", arguments: [Call.Signature.v2SHA1, .v2SHA512, .v5])
    func signatures(signature: Call.Signature) async throws {
        try await withSimulator { simulator in
            let replies = try await simulator.send([
                Call.get("check").with { $0.signature = signature },
                Call.post("preauth", [("username", "bob"), ("hostname", "a b+c/ü")]).with { $0.signature = signature },
                Call.post("preauth", [("username", "bob")]).with {
                    $0.signature = signature
                    $0.dateHeader = "X-Duo-Date"
                },
            ])
            #expect(replies.map(\.status) == [200, 200, 200])
        }
    }
}
