import DuoSimulator
import Secrets
import Testing

@testable import DuoAPI

/// Every endpoint and factor against a strict server that checks each signature.
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
        "A push that waits: approved, denied, reported, timed out, or answered in unknown words",
        arguments: [
            ("push-approve", AuthResult.allow(.allow, message: "")), ("push-deny", .deny(.deny, message: "")),
            ("push-fraud", .deny(.fraud, message: "")), ("push-timeout", .deny(.timeout, message: "")),
            ("locked-out", .deny(.lockedOut, message: "")), ("unknown-result", .deny(.other("purple"), message: "")),
            ("unknown-status", .allow(.other("purple"), message: "")),
        ])
    func push(user: String, expected: AuthResult) async throws {
        try await withSimulator { _, api in
            let result = try await api.push(.user(user), device: .auto, deadline: deadline)
            #expect(result.withoutMessage == expected)
        }
    }

    @Test("A push by polling: waiting first, then what the person decides")
    func polling() async throws {
        try await withSimulator { simulator, api in
            let details = PushDetails(
                type: "Login", displayUsername: "Alice A.",
                info: [.init("Server IP", "192.0.2.1"), .init("Command", "ls -l & echo=1 ü")])
            let transaction = try await api.startPush(
                .user("alice"), device: .auto, details: details, deadline: deadline)
            let seen = try await simulator.cloud.waitForTransaction(within: .seconds(5))
            #expect(seen.txid == transaction.text)
            #expect(seen.pushinfo == "Server%20IP=192.0.2.1&Command=ls%20-l%20%26%20echo%3D1%20%C3%BC")
            guard case .waiting(.pushed, _) = try await api.authStatus(transaction, deadline: deadline) else {
                return fail("no waiting step")
            }
            try await simulator.cloud.answer(.approve, txid: nil)
            guard case .allow(.allow, _) = try await api.authStatus(transaction, deadline: deadline) else {
                return fail("not allowed")
            }
        }
    }

    @Test("A phone call: waits, or goes through calling and answered")
    func phone() async throws {
        try await withSimulator { simulator, api in
            let approved = try await api.phone(.user("phone-approve"), device: .auto, deadline: deadline)
            #expect(approved.withoutMessage == .allow(.allow, message: ""))
            let transaction = try await api.startPhone(.user("alice"), device: .auto, deadline: deadline)
            guard case .waiting(.calling, _) = try await api.authStatus(transaction, deadline: deadline),
                case .waiting(.answered, _) = try await api.authStatus(transaction, deadline: deadline)
            else { return fail("other steps") }
            try await simulator.cloud.answer(.deny, txid: nil)
            let last = try await api.authStatus(transaction, deadline: deadline)
            guard case .deny(.deny, _) = last else { return fail("\(last)") }
        }
    }

    @Test("SMS passcodes are sent, which is no login, and one of them is")
    func sms() async throws {
        try await withSimulator { simulator, api in
            let sent = try await api.sms(.user("alice"), device: .auto, deadline: deadline)
            #expect(sent.withoutMessage == .deny(.sent, message: ""))
            let code = try #require(await simulator.cloud.smsPasscodes(of: "alice").first)
            let result = try await api.passcode(.user("alice"), passcode: Secret(code), deadline: deadline)
            #expect(result.withoutMessage == .allow(.allow, message: ""))
        }
    }

    @Test(
        "Passcodes: right, used up, wrong, bypass",
        arguments: [
            (["100001"], AuthResult.allow(.allow, message: "")), (["100001", "100001"], .deny(.deny, message: "")),
            (["000000"], .deny(.deny, message: "")), (["900000001"], .allow(.bypass, message: "")),
        ])
    func passcodes(codes: [String], expected: AuthResult) async throws {
        try await withSimulator { _, api in
            var last: AuthResult?
            for code in codes {
                last = try await api.passcode(.user("alice"), passcode: Secret(code), deadline: deadline)
            }
            #expect(last?.withoutMessage == expected)
        }
    }

    @Test("A Verified Push: preauth's code and transaction go with the push")
    func verifiedPush() async throws {
        try await withSimulator { simulator, api in
            let login = LoginFacts.user("verified-push-ask")
            let preauth = try await api.preauth(login, supportsVerifiedPush: true, deadline: deadline)
            guard case .auth(_, _, let verified?) = preauth else { return fail("\(preauth)") }
            #expect(verified.code == "042" && verified.expiration != nil)
            let transaction = try await api.startPush(
                login, device: .auto, details: PushDetails(verified: verified.transaction), deadline: deadline)
            guard case .waiting(.pushed, let message) = try await api.authStatus(transaction, deadline: deadline) else {
                return fail("no waiting step")
            }
            #expect(message.contains("042"))
            try await simulator.cloud.answer(.approve, txid: nil)
            guard case .allow = try await api.authStatus(transaction, deadline: deadline) else {
                return fail("not allowed")
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
            await simulator.cloud.setFault(fault, path: "/auth/v2/preauth", times: 1)
            let error = await failure { () async throws(DuoError) in
                try await api.preauth(.user("alice"), deadline: deadline)
            }
            #expect(error == expected)
        }
    }
}

extension AuthResult {
    /// Duo's wording is Duo's.
    var withoutMessage: AuthResult {
        switch self {
        case .allow(let status, _): .allow(status, message: "")
        case .deny(let status, _): .deny(status, message: "")
        }
    }
}
