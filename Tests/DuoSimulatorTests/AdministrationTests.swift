import DuoSimulator
import Testing

@Suite("The Admin and Accounts APIs")
struct AdministrationTests {
    private static func call(_ method: String, _ path: String, _ parameters: [(String, String)] = []) -> Call {
        Call(method: method, path: path, parameters: parameters).with {
            $0.integrationKey = RequestVerifier.adminIntegrationKey
            $0.secretKey = RequestVerifier.adminSecretKey
        }
    }

    private static func parent(_ call: Call) -> Call {
        call.with {
            $0.integrationKey = RequestVerifier.accountsIntegrationKey
            $0.secretKey = RequestVerifier.accountsSecretKey
        }
    }

    private static let users = "/admin/v1/users"
    private static let nobody = "/admin/v1/users/DUXXXXXXXXXXXXXXXXXX"

    private static let calls: [(Call, Int)] = [
        (call("GET", users), 200), (call("GET", users, [("limit", "300"), ("offset", "1000")]), 200),
        (call("GET", users, [("limit", "301")]), 40002), (call("GET", users, [("limit", "0")]), 40002),
        (call("GET", users, [("offset", "-1")]), 40002), (call("GET", users, [("colour", "blue")]), 40002),
        (call("GET", users, [("username", "alice"), ("email", "a@b")]), 40002),
        (call("GET", "/admin/v1/phones", [("limit", "500")]), 200),
        (call("GET", "/admin/v1/phones", [("limit", "501")]), 40002),
        (call("GET", "/admin/v1/phones", [("extension", "1")]), 40001),
        (call("GET", users, [("account_id", "DAX")]), 40002), (call("POST", users), 40001),
        (call("POST", users, [("username", "alice")]), 40002), (call("POST", users, [("username", "")]), 40002),
        (call("POST", users, [("username", "x"), ("status", "happy")]), 40002),
        (call("POST", users, [("username", "x"), ("alias1", "y"), ("aliases", "alias2=z")]), 40002),
        (call("POST", users, [("username", "x"), ("aliases", "alias9=z")]), 40002),
        (call("POST", users, [("username", "x"), ("alias1", "alice")]), 40002),
        (call("GET", nobody), 40401), (call("POST", nobody, [("notes", "x")]), 40401), (call("DELETE", nobody), 200),
        (call("PUT", users), 40501), (call("DELETE", users), 40501), (call("GET", "/admin/v1/nothing"), 40401),
        (call("GET", users + "/"), 40401), (call("DELETE", "/admin/v1/phones/DPX"), 200),
        (call("DELETE", "/admin/v1/bypass_codes/DBX"), 200), (call("GET", "/admin/v1/bypass_codes/DBX"), 40401),
        (call("POST", nobody + "/bypass_codes"), 40401), (call("POST", "/admin/v1/settings"), 40001),
        (call("POST", "/admin/v1/settings", [("lockout_expire_duration", "4")]), 40002),
        (call("POST", "/admin/v1/phones", [("number", "12")]), 40002),
        (call("POST", "/admin/v1/phones", [("number", "5550100999")]), 200),
        (call("POST", "/admin/v1/phones", [("number", "+15550100100")]), 40002),
        (call("POST", users + "/enroll", [("username", "x")]), 40001),
        (call("POST", users + "/directorysync/DKX/syncuser", [("username", "alice")]), 40401),
        (call("POST", "/accounts/v1/account/list"), 40301), (call("GET", "/auth/v2/check"), 40301),
        (call("GET", users).with { $0.secretKey = "wrong" }, 40103),
        (call("GET", users).with { $0.integrationKey = RequestVerifier.accountsIntegrationKey }, 40103),
        (parent(call("POST", "/accounts/v1/account/list")), 200),
        (parent(call("GET", "/accounts/v1/account/list")), 40501), (parent(call("GET", users)), 40001),
        (parent(call("GET", users, [("account_id", "DAX")])), 40002), (parent(call("GET", "/auth/v2/check")), 40301),
        (Call(method: "GET", path: users, parameters: []), 40301),
    ]

    @Test("Keys, parameters, pages and ids", arguments: calls)
    func refuses(call: Call, code: Int) async throws {
        for signature in [Call.Signature.v2SHA512, .v2SHA1, .v5] {
            let reply = try await makeCloud().reply(to: call.with { $0.signature = signature })
            #expect((reply.code ?? reply.status) == code, "\(signature): \(reply.json.line)")
        }
    }

    @Test("A user of the Admin API is one of the Auth API")
    func sameUsers() async throws {
        let cloud = makeCloud()
        func login(_ passcode: String) async throws -> String? {
            try await cloud.reply(to: .auth("new", "passcode", [("passcode", passcode)]))["result"]
        }
        let id = try #require(
            try await cloud.reply(to: Self.call("POST", Self.users, [("username", "new")]))["user_id"])
        let before = try await cloud.reply(to: .post("preauth", [("username", "new")]))["result"]
        #expect(before == "enroll")
        let phone = try #require(
            try await cloud.reply(to: Self.call("POST", "/admin/v1/phones", [("type", "mobile")]))["phone_id"])
        let given = try await cloud.reply(
            to: Self.call("POST", "\(Self.users)/\(id)/phones", [("phone_id", phone)]))
        #expect(given.status == 200)
        let after = try await cloud.reply(to: .post("preauth", [("username", "new")]))["result"]
        #expect(after == "auth")
        let codes = try await cloud.reply(
            to: Self.call("POST", "\(Self.users)/\(id)/bypass_codes", [("count", "1"), ("reuse_count", "2")]))
        let code = try #require(codes.response?.array?.first?.string)
        let first = try await login(code)
        let wrong = try await login("000000000")
        #expect(first == "allow" && wrong == "deny")
        let list = try await cloud.reply(to: Self.call("GET", "/admin/v1/users/\(id)/bypass_codes"))
        #expect(list.response?.array?.first?["reuse_count"]?.int == 1)
        let codeID = try #require(list.response?.array?.first?["bypass_code_id"]?.string)
        for _ in 0..<2 {
            let reply = try await cloud.reply(to: Self.call("DELETE", "/admin/v1/bypass_codes/\(codeID)"))
            #expect(reply.status == 200 && reply.response == "")
        }
        let deleted = try await login(code)
        #expect(deleted == "deny")
        let own = await cloud.requests().filter { $0.path.hasSuffix("bypass_codes") }
        #expect(!own.isEmpty && !own.contains { "\($0)".contains(code) })
    }

    @Test("Setting a user active ends the lock-out")
    func unlock() async throws {
        let cloud = makeCloud()
        let user = try await cloud.reply(to: Self.call("GET", Self.users, [("username", "bob")]))
        let id = try #require(user.response?.array?.first?["user_id"]?.string)
        for _ in 0..<10 { _ = try await cloud.reply(to: .auth("bob", "passcode", [("passcode", "0")])) }
        let locked = try await cloud.reply(to: Self.call("GET", "\(Self.users)/\(id)"))
        #expect(locked["status"] == "locked out" && locked["lockout_reason"] == "Failed Attempts")
        let active = try await cloud.reply(to: Self.call("POST", "\(Self.users)/\(id)", [("status", "active")]))
        #expect(active["status"] == "active")
        let preauth = try await cloud.reply(to: .post("preauth", [("username", "bob")]))["result"]
        #expect(preauth == "auth")
    }

    @Test("Pages meet without a gap, and say how many there are")
    func pages() async throws {
        let cloud = makeCloud()
        var names: [String] = []
        var offset: Int? = 0
        while let next = offset {
            let reply = try await cloud.reply(
                to: Self.call("GET", Self.users, [("limit", "7"), ("offset", "\(next)")]))
            names += (reply.response?.array ?? []).compactMap { $0["username"]?.string }
            offset = reply.json["metadata"]?["next_offset"]?.int
            if offset == nil { #expect(reply.json["metadata"]?["total_objects"]?.int == names.count) }
        }
        #expect(names.count == Set(names).count && names.count > 20)
    }
}
