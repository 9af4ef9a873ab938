import DuoSimulator
import Foundation
import Testing

@Suite("What is refused, and with which code")
struct RefusalTests {
    private static let check = Call.get("check")
    private static let preauth = Call.post("preauth", [("username", "alice")])

    private static let requests: [(Call, Int)] = [
        (check.with { $0.integrationKey = "DIXXXXXXXXXXXXXXXXXX" }, 40102),
        (
            check.with {
                $0.integrationKey = RequestVerifier.adminIntegrationKey
                $0.secretKey = RequestVerifier.adminSecretKey
            }, 40301
        ),
        (check.with { $0.secretKey = "wrong" }, 40103),
        (check.with { $0.host = "elsewhere" }, 200),
        (check.with { $0.clockOffset = 310 }, 40105),
        (check.with { $0.clockOffset = -310 }, 40105),
        (check.with { $0.clockOffset = 290 }, 200),
        (check.with { $0.dateHeader = "X-Other" }, 40104),
        (check.with { $0.dateHeader = "X-Duo-Date" }, 200),
        (check.with { $0.parameters = [("a", "b")] }, 40002),
        (check.with { $0.method = "POST" }, 40501),
        (check.with { $0.method = "DELETE" }, 40501),
        (check.with { $0.path = "/auth/v3/check" }, 40401),
        (check.with { $0.path = "/auth/v2/check/" }, 40401),
        (preauth.with { $0.contentType = "text/plain" }, 40106),
        (preauth.with { $0.contentType = "application/json" }, 40106),
        (
            preauth.with {
                $0.signature = .v5
                $0.contentType = "application/x-www-form-urlencoded"
            }, 40106
        ),
        (preauth.with { $0.contentType = "application/x-www-form-urlencoded; charset=utf-8" }, 200),
    ]

    @Test("Credentials, dates, content types and routes", arguments: requests)
    func request(call: Call, code: Int) async throws {
        let reply = try await makeCloud().reply(to: call)
        #expect((reply.code ?? reply.status) == code)
        #expect(reply.status == (code > 999 ? code / 100 : code))
        #expect(reply.json["stat"]?.string == (code == 200 ? "OK" : "FAIL"))
    }

    @Test("Missing or broken credentials", arguments: [nil, "Bearer x", "Basic", "Basic !!!", "Basic bm9jb2xvbg=="])
    func credentials(value: String?) async throws {
        var request = Self.check.request
        request.headers.removeAll { $0.name == "Authorization" }
        if let value { request.headers.append(("Authorization", value)) }
        guard case .answer(let status, let body) = await makeCloud().respond(to: request) else { throw NoAnswer() }
        #expect(status == 401)
        #expect(try JSON(parsing: body)["code"]?.int == 40101)
    }

    @Test("A signature over other bytes than those sent is refused")
    func tampered() async throws {
        let cloud = makeCloud()
        var request = Self.preauth.request
        request.body = Array("username=bob".utf8)
        guard case .answer(let status, _) = await cloud.respond(to: request) else { throw NoAnswer() }
        #expect(status == 401)
        var json = Self.preauth.with { $0.signature = .v5 }.request
        json.body += Array(" ".utf8)
        guard case .answer(let other, _) = await cloud.respond(to: json) else { throw NoAnswer() }
        #expect(other == 401)
        var header = Self.preauth.with { $0.signature = .v5 }.request
        header.headers.append(("X-Duo-Extra", "1"))
        guard case .answer(let third, _) = await cloud.respond(to: header) else { throw NoAnswer() }
        #expect(third == 401)
    }

    @Test("In version 5 each X-Duo- header occurs once")
    func duplicateHeaders() async throws {
        let call = Self.preauth.with {
            $0.signature = .v5
            $0.extraHeaders = [("X-Duo-A", "1")]
        }
        #expect(try await makeCloud().reply(to: call).status == 200)
        let twice = call.with { $0.extraHeaders.append(("x-duo-a", "1")) }
        #expect(try await makeCloud().reply(to: twice).code == 40103)
    }

    @Test(
        "In version 5 the body is one JSON object of texts, numbers and truth values",
        arguments: [
            (#"{"username":"x","valid_secs":60}"#, nil), (#"{"username":"x","valid_secs":"60"}"#, nil), ("{}", nil),
            ("", "body"), ("[]", "body"), ("\"x\"", "body"), (#"{"username":"x"} {}"#, "body"),
            (#"{"username":null}"#, "username"), (#"{"username":["x"]}"#, "username"),
            (#"{"username":{}}"#, "username"), (#"{"username":"x","valid_secs":1.5}"#, "valid_secs"),
        ] as [(String, String?)])
    func bodies(body: String, detail: String?) async throws {
        let options = SimulatorOptions()
        let date = MailDate.text(Int(Date().timeIntervalSince1970))
        let canonical = CanonicalRequest(
            date: date, method: "POST", host: "localhost", path: "/auth/v2/enroll", parameters: Parameters(),
            body: Array(body.utf8))
        let credentials = "\(options.integrationKey):\(canonical.sha512(.v5, key: options.secretKey))"
        let request = APIRequest(
            connection: 1, method: "POST", path: "/auth/v2/enroll", query: "",
            headers: [
                ("Date", date), ("Host", "localhost"), ("Content-Type", "application/json"),
                ("Authorization", "Basic " + Data(credentials.utf8).base64EncodedString()),
            ], body: Array(body.utf8), reads: 1)
        guard case .answer(let status, let answer) = await makeCloud().respond(to: request) else { throw NoAnswer() }
        #expect(status == (detail == nil ? 200 : 400))
        #expect(try JSON(parsing: answer)["message_detail"]?.string == detail)
    }

    @Test("Ping needs no signature, not even a clock")
    func ping() async throws {
        let request = APIRequest(
            connection: 1, method: "GET", path: "/auth/v2/ping", query: "", headers: [], body: [], reads: 1)
        guard case .answer(let status, _) = await makeCloud().respond(to: request) else { throw NoAnswer() }
        #expect(status == 200)
    }

    private static let aliceID = Identifier.make("DU", from: "alice")
    private static let tokenID = Identifier.make("DH", from: "alice/2")

    private static let long = String(repeating: "x", count: 19_998)

    private static func pairs(_ form: String) throws -> [(String, String)] {
        try #require(Parameters(form: form)).pairs.map { ($0.name, $0.value) }
    }

    private static let preauthCases: [(String, Int, String)] = [
        ("", 40001, "username"),
        ("username=alice&user_id=\(aliceID)", 40002, "username and user_id are mutually exclusive"),
        ("user_id=DUXXXXXXXXXXXXXXXXXX", 40002, "user_id"),
        ("username=", 40002, "username"),
        ("username=alice&username=bob", 40002, "username"),
        ("username=alice&ipaddr=localhost", 40002, "ipaddr"),
        ("username=alice&ipaddr=10.0.0.256", 40002, "ipaddr"),
        (
            "username=alice&client_supports_verified_push=true", 40002,
            "client_supports_verified_push"
        ),
        ("username=alice&text_prompt=1", 40002, "text_prompt"),
        ("username=alice&factor=push", 40002, "factor"),
        ("username=alice&trusted_device_token=", 40002, "trusted_device_token"),
        ("username=alice&pushinfo=a%3Db", 40002, "pushinfo"),
    ]

    @Test("Parameters of preauth", arguments: preauthCases)
    func preauth(form: String, code: Int, detail: String) async throws {
        let call = Call.post("preauth", try Self.pairs(form))
        for signature in signatures(for: call) {
            let reply = try await makeCloud().reply(to: call.with { $0.signature = signature })
            #expect(reply.code == code)
            #expect(reply.detail == detail)
        }
    }

    private static let enrollCases: [(String, String, Int, String)] = [
        ("enroll", "username=", 40002, "username"),
        ("enroll", "username=a&username=b", 40002, "username"),
        ("enroll", "username=alice", 40002, "username"),
        ("enroll", "username=x&valid_secs=0", 40002, "valid_secs"),
        ("enroll", "username=x&valid_secs=-1", 40002, "valid_secs"),
        ("enroll", "username=x&valid_secs=%2B60", 40002, "valid_secs"),
        ("enroll", "username=x&valid_secs=", 40002, "valid_secs"),
        ("enroll", "username=x&valid_secs=1.5", 40002, "valid_secs"),
        ("enroll", "username=x&valid_secs=99999999999999999999", 40002, "valid_secs"),
        ("enroll", "username=x&bypass_codes=5", 40002, "bypass_codes"),
        ("enroll", "user_id=\(aliceID)", 40002, "user_id"),
        ("enroll_status", "", 40001, "user_id"),
        ("enroll_status", "user_id=\(aliceID)", 40001, "activation_code"),
        ("enroll_status", "activation_code=x", 40001, "user_id"),
        ("enroll_status", "user_id=\(aliceID)&activation_code=", 40002, "activation_code"),
        ("enroll_status", "username=alice&activation_code=x", 40002, "username"),
    ]

    @Test("Parameters of enroll and enroll_status, in both versions", arguments: enrollCases)
    func enroll(path: String, form: String, code: Int, detail: String) async throws {
        let call = Call.post(path, try Self.pairs(form))
        for signature in signatures(for: call) {
            let reply = try await makeCloud().reply(to: call.with { $0.signature = signature })
            #expect(reply.code == code)
            #expect(reply.detail == detail)
        }
    }

    /// JSON has no room for a name that occurs twice.
    private func signatures(for call: Call) -> [Call.Signature] {
        let names = call.parameters.map(\.0)
        return Set(names).count == names.count ? [.v2SHA512, .v5] : [.v2SHA512]
    }

    private static let authCases: [(String, Int, String)] = [
        ("username=alice", 40001, "factor"),
        ("factor=push&device=auto", 40001, "username"),
        ("username=alice&factor=prompt", 40002, "factor"),
        ("username=alice&factor=push", 40001, "device"),
        ("username=alice&factor=phone", 40001, "device"),
        ("username=alice&factor=sms", 40001, "device"),
        ("username=alice&factor=auto", 40001, "device"),
        ("username=alice&factor=passcode", 40001, "passcode"),
        (
            "username=alice&factor=passcode&passcode=1&device=auto", 40002,
            "device and passcode are mutually exclusive"
        ),
        ("username=alice&factor=push&device=auto&passcode=1", 40002, "passcode"),
        ("username=alice&factor=push&device=DPXXXXXXXXXXXXXXXXXX", 40002, "device"),
        ("username=alice&factor=push&device=\(tokenID)", 40002, "device"),
        ("username=sms&factor=push&device=auto", 40002, "no capable device"),
        ("username=no-devices&factor=auto&device=auto", 40002, "no capable device"),
        ("username=nobody&factor=push&device=auto", 40002, "username"),
        ("username=alice&factor=phone&device=auto&txid=x", 40002, "txid"),
        ("username=alice&factor=auto&device=auto&txid=x", 40002, "txid"),
        ("username=alice&factor=sms&device=auto&txid=x", 40002, "txid"),
        ("username=alice&factor=passcode&passcode=100001&txid=x", 40002, "txid"),
        ("username=alice&factor=auto&device=auto&pushinfo=a%3Db", 40002, "pushinfo"),
        ("username=alice&factor=auto&device=auto&type=x", 40002, "type"),
        ("username=alice&factor=sms&device=auto&display_username=x", 40002, "display_username"),
        ("username=alice&factor=push&device=auto&trusted_device_token=x", 40002, "trusted_device_token"),
        (
            "username=alice&factor=push&device=auto&client_supports_verified_push=1", 40002,
            "client_supports_verified_push"
        ),
        (
            "username=alice&user_id=\(aliceID)&factor=push&device=auto", 40002,
            "username and user_id are mutually exclusive"
        ),
        ("username=alice&factor=push&device=auto&txid=x", 40002, "txid"),
        ("username=alice&factor=phone&device=auto&pushinfo=a%3Db", 40002, "pushinfo"),
        ("username=alice&factor=push&device=auto&pushinfo=a", 40002, "pushinfo"),
        (
            "username=alice&factor=push&device=auto&async=1&pushinfo=a%3D\(long)", 40002, "pushinfo"
        ),
        ("username=alice&factor=push&device=auto&async=yes", 40002, "async"),
        ("username=alice&factor=push&device=auto&ipaddr=x", 40002, "ipaddr"),
    ]

    @Test("Parameters of auth", arguments: authCases)
    func auth(form: String, code: Int, detail: String) async throws {
        let call = Call.post("auth", try Self.pairs(form))
        for signature in signatures(for: call) {
            let reply = try await makeCloud().reply(to: call.with { $0.signature = signature })
            #expect(reply.code == code)
            #expect(reply.detail == detail)
        }
    }

    @Test("pushinfo of 19,999 bytes passes")
    func longestPushinfo() async throws {
        let pushinfo = "a=" + String(repeating: "x", count: 19_997)
        let reply = try await makeCloud().reply(to: .auth("alice", "push", [("async", "1"), ("pushinfo", pushinfo)]))
        #expect(reply.status == 200)
    }

    @Test("auth_status wants the txid of an async auth", arguments: [[], [("txid", "nonsense")]])
    func status(parameters: [(String, String)]) async throws {
        let reply = try await makeCloud().reply(to: .get("auth_status", parameters))
        #expect(reply.code == (parameters.isEmpty ? 40001 : 40002))
    }

    @Test(
        "A user entry can make every call fail",
        arguments: [("server-error", 500, 50000), ("rate-limited", 429, 42901)])
    func failures(user: String, status: Int, code: Int) async throws {
        let reply = try await makeCloud().reply(to: .post("preauth", [("username", user)]))
        #expect(reply.status == status)
        #expect(reply.code == code)
    }
}
