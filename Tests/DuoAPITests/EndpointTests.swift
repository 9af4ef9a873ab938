import DuoSimulator
import Secrets
import Testing

@testable import DuoAPI

/// Every endpoint, every parameter, in both signature versions, against a server that checks each signature.
@Suite struct EndpointTests {
    private static let deadline = Duration.seconds(10)

    /// One call and what the server must find in it.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let path: String
        let parameters: [String: String]
        let call: @Sendable (AuthAPI) async throws -> Void

        init(
            _ description: String, _ path: String, _ parameters: [String: String],
            _ call: @escaping @Sendable (AuthAPI) async throws -> Void
        ) {
            testDescription = description
            self.path = "/auth/v2/\(path)"
            self.parameters = parameters
            self.call = call
        }
    }

    private static let aliceID = Identifier.make("DU", from: "alice")
    private static let phoneID = Identifier.make("DP", from: "alice/0")
    private static let odd = #"büro "host" \ /&=+% 日本"#
    private static let facts = LoginFacts(user: .username("push-approve"), address: "192.0.2.1", hostname: odd)
    private static let factsSent = ["username": "push-approve", "ipaddr": "192.0.2.1", "hostname": odd]
    private static let details = PushDetails(
        type: "Wire", displayUsername: odd, info: [.init("Server IP", "192.0.2.1"), .init("Command", "ls & echo=1 ü")])
    private static let detailsSent = [
        "type": "Wire", "display_username": odd,
        "pushinfo": "Server%20IP=192.0.2.1&Command=ls%20%26%20echo%3D1%20%C3%BC", "factor": "push", "device": "auto",
    ]

    private static func with(_ more: [String: String]) -> [String: String] { factsSent.merging(more) { $1 } }

    static let rows = [
        // Unsigned, so the server reads no parameters.
        Row("ping", "ping", [:]) { _ = try await $0.ping(deadline: deadline) },
        Row("check", "check", [:]) { _ = try await $0.check(deadline: deadline) },
        Row("logo", "logo", [:]) { _ = try await $0.logo(deadline: deadline) },
        Row("enroll", "enroll", ["username": odd, "valid_secs": "60"]) {
            _ = try await $0.enroll(username: odd, validFor: .seconds(60), deadline: deadline)
        },
        Row("enroll, nameless", "enroll", [:]) { _ = try await $0.enroll(deadline: deadline) },
        Row("enroll_status", "enroll_status", ["user_id": aliceID, "activation_code": "duo://x-y_z.+/="]) {
            _ = try await $0.enrollmentStatus(
                userID: aliceID, activationCode: "duo://x-y_z.+/=", deadline: deadline)
        },
        Row(
            "preauth", "preauth", with(["client_supports_verified_push": "1", "trusted_device_token": "<redacted>"])
        ) {
            let device = TrustedDevice(token: Secret("YWxpY2U=|1|c0ffee"))
            _ = try await $0.preauth(facts, supportsVerifiedPush: true, trustedDevice: device, deadline: deadline)
        },
        Row("preauth by id", "preauth", ["user_id": aliceID]) {
            _ = try await $0.preauth(
                LoginFacts(user: .userID(aliceID)), trustedDevice: TrustedDevice(), deadline: deadline)
        },
        Row("auto", "auth", with(["factor": "auto", "device": "auto"])) {
            _ = try await $0.auto(facts, deadline: deadline)
        },
        Row("push", "auth", with(detailsSent)) {
            _ = try await $0.push(facts, device: .auto, details: details, deadline: deadline)
        },
        Row("push, async", "auth", with(detailsSent).merging(["async": "1"]) { $1 }) {
            _ = try await $0.startPush(facts, device: .auto, details: details, deadline: deadline)
        },
        Row(
            "push by id", "auth", ["user_id": aliceID, "factor": "push", "device": phoneID, "async": "1"]
        ) {
            _ = try await $0.startPush(LoginFacts(user: .userID(aliceID)), device: .id(phoneID), deadline: deadline)
        },
        Row("phone", "auth", ["username": "phone-approve", "factor": "phone", "device": "auto"]) {
            _ = try await $0.phone(.user("phone-approve"), device: .auto, deadline: deadline)
        },
        Row("phone, async", "auth", ["username": "alice", "factor": "phone", "device": phoneID, "async": "1"]) {
            _ = try await $0.startPhone(.user("alice"), device: .id(phoneID), deadline: deadline)
        },
        Row("sms", "auth", ["username": "sms", "factor": "sms", "device": "auto"]) {
            _ = try await $0.sms(.user("sms"), device: .auto, deadline: deadline)
        },
        Row("passcode", "auth", ["username": "alice", "factor": "passcode", "passcode": "<redacted>"]) {
            _ = try await $0.passcode(.user("alice"), passcode: Secret(#"a"\&=+%/"#), deadline: deadline)
        },
    ]

    @Test("Every call arrives with its parameters, signed either way", arguments: SignatureVersion.allCases, rows)
    func arrives(version: SignatureVersion, row: Row) async throws {
        try await withSimulator(signatureVersion: version) { simulator, api in
            try await row.call(api)
            let request = try #require(await simulator.cloud.requests().last)
            #expect(request.path == row.path)
            #expect(request.status == 200)
            #expect(request.parameters == row.parameters)
            #expect(request.reads == 1)
        }
    }

    @Test("A login with a Verified Push, polled to its end, signed either way", arguments: SignatureVersion.allCases)
    func verifiedPush(version: SignatureVersion) async throws {
        try await withSimulator(signatureVersion: version) { simulator, api in
            let login = LoginFacts.user("verified-push")
            let preauth = try await api.preauth(login, supportsVerifiedPush: true, deadline: Self.deadline)
            guard case .auth(_, _, let verified?) = preauth else { return fail("\(preauth)") }
            let transaction = try await api.startPush(
                login, device: .auto, details: PushDetails(verified: verified.transaction), deadline: Self.deadline)
            let sent = try #require(await simulator.cloud.requests().last)
            #expect(sent.parameters["txid"] == verified.transaction.text)
            guard case .waiting = try await api.authStatus(transaction, deadline: Self.deadline),
                case .allow = try await api.authStatus(transaction, deadline: Self.deadline)
            else { return fail("no allow after waiting") }
            let polled = try #require(await simulator.cloud.requests().last)
            #expect(polled.parameters == ["txid": transaction.text])
        }
    }

    @Test("A wrong key is refused, signed either way", arguments: SignatureVersion.allCases)
    func wrongKey(version: SignatureVersion) async throws {
        try await withSimulator { simulator, _ in
            let api = try AuthAPI(simulator, secretKey: "wrong", signatureVersion: version)
            let error = await failure { () async throws(DuoError) in
                try await api.preauth(.user("alice"), deadline: Self.deadline)
            }
            #expect(error == .unauthorized(code: UnauthorizedCode.invalidSignature))
        }
    }
}
