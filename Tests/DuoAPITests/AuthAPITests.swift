import DuoSimulator
import Secrets
import Testing

@testable import DuoAPI

/// Every endpoint but /auth against a strict server that checks each signature.
@Suite struct AuthAPITests {
    private let deadline = Duration.seconds(10)

    @Test("Ping and check tell Duo's time")
    func times() async throws {
        try await withSimulator { _, api in
            let ping = try await api.ping(deadline: deadline)
            let check = try await api.check(deadline: deadline)
            #expect(abs(ping.time - check.time) <= 2)
            #expect(ping.facts.tls?.version == "TLSv1.3")
            #expect(ping.facts.reused == false && check.facts.reused == true)
        }
    }

    @Test("A wrong key is refused as such, an unknown integration too")
    func keys() async throws {
        try await withSimulator { simulator, _ in
            let api = try AuthAPI(simulator, secretKey: "wrong")
            let error = await failure { () async throws(DuoError) in try await api.check(deadline: deadline) }
            #expect(error == .unauthorized(code: UnauthorizedCode.invalidSignature))
            let stranger = AuthAPI(
                host: api.host,
                credentials: Credentials(integrationKey: "DINOBODYNOBODYNOBODY", secretKey: Secret("x")),
                transport: api.transport, clock: api.clock)
            let other = await failure { () async throws(DuoError) in try await stranger.check(deadline: deadline) }
            #expect(other == .unauthorized(code: UnauthorizedCode.invalidIntegrationKey))
        }
    }

    @Test("A clock that is off is refused, and right again after a ping", arguments: [-86_400, 86_400] as [Int64])
    func clock(offset: Int64) async throws {
        try await withSimulator { simulator, _ in
            let api = try AuthAPI(simulator, clockIsOffBy: offset)
            let error = await failure { () async throws(DuoError) in try await api.check(deadline: deadline) }
            #expect(error == .unauthorized(code: UnauthorizedCode.badTimestamp))
            _ = try await api.ping(deadline: deadline)
            #expect(abs(api.clock.offset + offset) <= 2)
            _ = try await api.check(deadline: deadline)
        }
    }

    @Test("Preauth: devices, allow, deny, enroll, and the unknown")
    func preauth() async throws {
        try await withSimulator { _, api in
            guard
                case .auth(let devices, let message, nil) = try await api.preauth(.user("alice"), deadline: deadline)
            else { return fail("no devices") }
            #expect(message == "Account is active")
            #expect(devices.map(\.kind) == [.phone, .phone, .token])
            #expect(devices[0].capabilities.contains(.push) && devices[2].capabilities.isEmpty)
            #expect(
                try await api.preauth(.user("preauth-allow"), deadline: deadline)
                    == .allow(statusMessage: "Bypass status"))
            #expect(
                try await api.preauth(.user("unknown-preauth"), deadline: deadline)
                    == .deny(statusMessage: "Who knows."))
            guard case .enroll(_, let url?) = try await api.preauth(.user("enroll"), deadline: deadline) else {
                return fail("no portal")
            }
            #expect(url.hasPrefix("https://localhost"))
        }
    }

    @Test("Preauth says who, from where and on what")
    func facts() async throws {
        try await withSimulator { simulator, api in
            var login = LoginFacts(user: .username("trusted-network"), address: "192.0.2.7", hostname: "büro host&=+%")
            #expect(
                try await api.preauth(login, supportsVerifiedPush: true, deadline: deadline)
                    == .allow(statusMessage: "Trusted network"))
            #expect(
                await simulator.cloud.requests().last?.parameters == [
                    "username": "trusted-network", "ipaddr": "192.0.2.7", "hostname": "büro host&=+%",
                    "client_supports_verified_push": "1",
                ])
            login.address = "2001:db8::7"
            guard case .auth = try await api.preauth(login, deadline: deadline) else {
                return fail("another address is trusted")
            }
        }
    }

    @Test(
        "No text of Duo's brings control characters along",
        arguments: ["escape-inject", "escape-inject-deny", "escape-inject-enroll"])
    func escapes(user: String) async throws {
        try await withSimulator { _, api in
            var texts = "\(try await api.preauth(.user(user), deadline: deadline))"
            if user == "escape-inject" {
                texts += "\(try await api.push(.user(user), device: .auto, deadline: deadline))"
            }
            // The text of an enum is debug-quoted: an escape that survived would stand there as \u{...}.
            #expect(!texts.contains("\\u{") && !texts.contains("\\r") && !texts.contains("\\n"))
            #expect(texts.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
        }
    }

    @Test(
        "Errors that Duo's side makes",
        arguments: [
            (Fault.status(503), DuoError.unreachable(.serverError(status: 503))),
            (.status(403), .forbidden(code: 40301)), (.status(429), .rateLimited(retryAfter: nil)),
            (.garbage, .malformed(what: "not HTTP/1.1")),
            (
                .body(#"{"stat":"OK","response":7}"#),
                .malformed(what: "the response lacks a field or has one of the wrong type")
            ),
        ])
    func faults(fault: Fault, expected: DuoError) async throws {
        try await withSimulator { simulator, api in
            await simulator.cloud.setFault(fault, path: "/auth/v2/preauth", times: 9)
            let error = await failure { () async throws(DuoError) in
                try await api.preauth(.user("alice"), deadline: deadline)
            }
            #expect(error == expected)
        }
    }
}
