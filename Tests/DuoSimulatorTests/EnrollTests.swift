import DuoSimulator
import Testing

@Suite("Enrolment on a clock that the test moves")
struct EnrollTests {
    private let clock = ManualClock()
    private let cloud: Cloud

    init() { cloud = makeCloud(clock: clock) }

    private func enroll(_ parameters: [(String, String)] = [("username", "carol")]) async throws -> Reply {
        try await cloud.reply(to: .post("enroll", parameters))
    }

    private func status(_ enrolled: Reply, code: String? = nil) async throws -> String? {
        let parameters = [
            ("user_id", enrolled["user_id"] ?? ""), ("activation_code", code ?? enrolled["activation_code"] ?? ""),
        ]
        return try await cloud.reply(to: .post("enroll_status", parameters)).response?.string
    }

    @Test("An enrolment has everything that a client needs to show")
    func answer() async throws {
        let reply = try await enroll([("username", "carol"), ("valid_secs", "600")])
        #expect(reply.status == 200)
        #expect(reply["username"] == "carol")
        #expect(reply["user_id"]?.hasPrefix("DU") == true)
        #expect(reply["activation_code"]?.hasPrefix("duo://") == true)
        #expect(reply["activation_url"]?.hasPrefix("https://") == true)
        #expect(reply["activation_barcode"]?.contains("/frame/qr?value=duo%3A%2F%2F") == true)
        #expect(reply.response?["expiration"]?.int != nil)
    }

    @Test("A user without a name gets one of 32 hex digits, each time another")
    func nameless() async throws {
        let names = [try await enroll([])["username"] ?? "", try await enroll([])["username"] ?? ""]
        #expect(names[0] != names[1])
        #expect(names.allSatisfy { $0.utf8.count == 32 && $0.allSatisfy(\.isHexDigit) })
    }

    @Test("Names and aliases that exist are refused, whatever their case", arguments: ["alice", "AL", "Carol"])
    func exists(name: String) async throws {
        _ = try await enroll()
        #expect(try await enroll([("username", name)]).code == 40002)
    }

    @Test("An enrolment waits until the phone is added, and preauth says enroll until then")
    func activation() async throws {
        let reply = try await enroll()
        #expect(try await status(reply) == "waiting")
        let preauth = Call.post("preauth", [("user_id", reply["user_id"] ?? "")])
        #expect(try await cloud.reply(to: preauth)["result"] == "enroll")
        try await cloud.activate(user: "Carol")
        #expect(try await status(reply) == "success")
        let after = try await cloud.reply(to: preauth)
        #expect(after["result"] == "auth")
        #expect(after.response?["devices"]?.array?.count == 1)
        let push = Call.auth("carol", "push", [("async", "1")])
        #expect(try await cloud.reply(to: push)["txid"] != nil)
        await #expect(throws: CloudError.notEnrolling("carol")) { try await cloud.activate(user: "carol") }
    }

    @Test("An enrolment ends after its time, a day where none is given", arguments: [(nil, 86_400), ("60", 60)])
    func expiry(seconds: String?, life: Int) async throws {
        let reply = try await enroll([("username", "carol")] + (seconds.map { [("valid_secs", $0)] } ?? []))
        clock.advance(by: .seconds(life - 1))
        #expect(try await status(reply) == "waiting")
        clock.advance(by: .seconds(1))
        #expect(try await status(reply) == "invalid")
        await #expect(throws: CloudError.enrollmentExpired("carol")) { try await cloud.activate(user: "carol") }
    }

    @Test("A code is good for its own user only, and a phone that was added stays")
    func codes() async throws {
        let carol = try await enroll()
        let dave = try await enroll([("username", "dave")])
        #expect(try await status(carol, code: dave["activation_code"]) == "invalid")
        #expect(try await status(carol, code: "duo://nonsense") == "invalid")
        try await cloud.activate(user: "carol")
        clock.advance(by: .seconds(90_000))
        #expect(try await status(carol) == "success")
        #expect(try await status(dave) == "invalid")
    }

    @Test("Only those who are being enrolled can add a phone this way")
    func strangers() async throws {
        await #expect(throws: CloudError.unknownUser("nobody")) { try await cloud.activate(user: "nobody") }
        await #expect(throws: CloudError.notEnrolling("alice")) { try await cloud.activate(user: "alice") }
    }

    @Test("A reset forgets enrolled users")
    func reset() async throws {
        let reply = try await enroll()
        await cloud.reset()
        #expect(try await status(reply) == "invalid")
        #expect(try await enroll().status == 200)
    }
}
