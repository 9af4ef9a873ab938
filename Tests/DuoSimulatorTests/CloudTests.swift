import DuoSimulator
import Testing

@Suite("The cloud on a clock that the test moves")
struct CloudTests {
    private let clock = ManualClock()
    private let cloud: Cloud

    init() { cloud = makeCloud(clock: clock) }

    private func start(_ user: String, _ factor: String = "push", _ more: [(String, String)] = []) async throws
        -> String
    {
        let reply = try await cloud.reply(to: .auth(user, factor, [("async", "1")] + more))
        return try #require(reply["txid"])
    }

    private func poll(_ txid: String) async throws -> String {
        try await cloud.reply(to: .get("auth_status", [("txid", txid)]))["status"] ?? ""
    }

    @Test("The first poll is answered at once, the next is held until the answer")
    func longPoll() async throws {
        let txid = try await start("alice")
        #expect(try await poll(txid) == "pushed")
        async let second = poll(txid)
        let held = try await cloud.waitForTransaction(within: .seconds(10)) { $0.waiting }
        #expect(held.polls == 2)
        try await cloud.answer(.approve, txid: txid)
        #expect(try await second == "allow")
        #expect(try await poll(txid) == "allow")
    }

    @Test(
        "A poll that comes after the answer is told each step, or the newest state alone",
        arguments: [
            (StatusPolls.everyStep, "push", ["pushed", "allow", "allow"]), (.latest, "push", ["allow", "allow"]),
            (.everyStep, "phone", ["calling", "answered", "allow"]), (.latest, "phone", ["allow", "allow"]),
        ])
    func latePoll(_ polls: StatusPolls, _ factor: String, _ expected: [String]) async throws {
        let cloud = makeCloud(clock: clock, statusPolls: polls)
        let started = try await cloud.reply(to: .auth("alice", factor, [("async", "1")]))
        let txid = try #require(started["txid"])
        try await cloud.answer(.approve, txid: txid)
        var told: [String] = []
        for _ in expected {
            told.append(try await cloud.reply(to: .get("auth_status", [("txid", txid)]))["status"] ?? "")
        }
        #expect(told == expected)
    }

    @Test("A call is reported as calling, answered and then decided")
    func phone() async throws {
        let txid = try await start("alice", "phone")
        #expect(try await poll(txid) == "calling")
        #expect(try await poll(txid) == "answered")
        async let third = poll(txid)
        _ = try await cloud.waitForTransaction(within: .seconds(10)) { $0.waiting && $0.polls == 3 }
        try await cloud.answer(.deny, txid: nil)
        #expect(try await third == "deny")
    }

    @Test("A push that nobody answers times out after its life, not before")
    func expiry() async throws {
        let txid = try await start("push-ignore")
        #expect(try await poll(txid) == "pushed")
        async let second = poll(txid)
        _ = try await cloud.waitForTransaction(within: .seconds(1000)) { $0.waiting && $0.polls == 2 }
        clock.advance(by: .seconds(59))
        #expect(await cloud.transactions().first?.pending == true)
        clock.advance(by: .seconds(1))
        #expect(try await second == "timeout")
    }

    @Test("A late answer changes nothing")
    func lateAnswer() async throws {
        let txid = try await start("alice")
        clock.advance(by: .seconds(60))
        await #expect(throws: CloudError.alreadyAnswered(txid)) { try await cloud.answer(.approve, txid: txid) }
        await #expect(throws: CloudError.nothingWaiting) { try await cloud.answer(.approve, txid: nil) }
        await #expect(throws: CloudError.unknownTransaction("x")) { try await cloud.answer(.approve, txid: "x") }
    }

    @Test("The answer without a txid goes to the oldest push")
    func oldest() async throws {
        let first = try await start("alice")
        let second = try await start("bob")
        try await cloud.answer(.approve, txid: nil)
        #expect(await cloud.transactions().map(\.pending) == [false, true])
        #expect(await cloud.transactions().map(\.txid) == [first, second])
    }

    @Test("Automatic answers come after their time, and a user's own comes first")
    func automatic() async throws {
        await cloud.setAuto(.approve, after: .seconds(3))
        _ = try await start("alice")
        _ = try await start("push-deny")
        _ = try await start("push-ignore")
        #expect(await cloud.transactions().map(\.state) == ["pushed", "pushed", "pushed"])
        clock.advance(by: .seconds(3))
        #expect(await cloud.transactions().map(\.state) == ["allow", "deny", "pushed"])
        await cloud.setAuto(nil, after: .zero)
        _ = try await start("alice")
        #expect(await cloud.transactions().last?.state == "pushed")
    }

    private func passcode(_ user: String, _ code: String) async throws -> Reply {
        try await cloud.reply(to: .auth(user, "passcode", [("passcode", code)]))
    }

    @Test("Each app and token passcode is good once", arguments: [("passcode", "111111"), ("token", "444444")])
    func once(user: String, code: String) async throws {
        #expect(try await passcode(user, code)["result"] == "allow")
        let again = try await passcode(user, code)
        #expect(again["result"] == "deny")
        #expect(again["status_msg"] == "Incorrect passcode. Please try again.")
    }

    @Test(
        "A bypass code is good as often as it says", arguments: [("bypass", "900000003", 1), ("alice", "900000002", 2)])
    func bypass(user: String, code: String, uses: Int) async throws {
        for _ in 0..<uses { #expect(try await passcode(user, code)["status"] == "bypass") }
        #expect(try await passcode(user, code)["status"] == "deny")
    }

    @Test("A bypass code of no limit stays good")
    func unlimitedBypass() async throws {
        for _ in 0..<20 { #expect(try await passcode("bypass", "900000004")["status"] == "bypass") }
    }

    @Test("An SMS brings passcodes that work once and replace the older ones")
    func sms() async throws {
        #expect(try await cloud.reply(to: .auth("sms", "sms"))["status"] == "sent")
        let old = await cloud.smsPasscodes(of: "sms")
        #expect(old.count == 3)
        let preauth = try await cloud.reply(to: .post("preauth", [("username", "sms")]))
        #expect(preauth.response?["devices"]?.array?.first?["sms_nextcode"]?.string == "1")
        #expect(try await passcode("sms", old[0])["result"] == "allow")
        #expect(try await passcode("sms", old[0])["result"] == "deny")
        #expect(await cloud.smsPasscodes(of: "sms") == Array(old.dropFirst()))
        _ = try await cloud.reply(to: .auth("sms", "sms"))
        #expect(try await passcode("sms", old[1])["result"] == "deny")
    }

    @Test("Ten failures in a row lock the user out until reset")
    func lockOut() async throws {
        for _ in 1...9 { #expect(try await passcode("passcode", "0")["status"] == "deny") }
        #expect(try await passcode("passcode", "0")["status"] == "locked_out")
        #expect(try await passcode("passcode", "111111")["status"] == "locked_out")
        let preauth = Call.post("preauth", [("username", "passcode")])
        #expect(try await cloud.reply(to: preauth)["result"] == "deny")
        await cloud.reset()
        #expect(try await cloud.reply(to: preauth)["result"] == "auth")
        #expect(try await passcode("passcode", "111111")["result"] == "allow")
    }

    @Test("A success clears the failures")
    func cleared() async throws {
        for code in ["111111", "222222"] {
            for _ in 1...9 { _ = try await passcode("passcode", "0") }
            #expect(try await passcode("passcode", code)["result"] == "allow")
        }
    }

    private let verified = Call.post(
        "preauth", [("username", "verified-push-ask"), ("client_supports_verified_push", "1")])

    @Test("A verified push gives its code to clients that can show it, and only to them")
    func verifiedPreauth() async throws {
        let plain = try await cloud.reply(to: .post("preauth", [("username", "verified-push-ask")]))
        #expect(plain["txid"] == nil)
        let reply = try await cloud.reply(to: verified)
        #expect(reply["verification_code"] == "042")
        #expect(reply["txid"] != nil)
        #expect(reply.response?["expiration"]?.int != nil)
    }

    @Test("A verified push needs the txid of the preauth, once and within 60 s")
    func verifiedPush() async throws {
        let offered = try #require(try await cloud.reply(to: verified)["txid"])
        let push = Call.auth("verified-push-ask", "push", [("async", "1")])
        #expect(try await cloud.reply(to: push).code == 40002)
        let with = push.with { $0.parameters.append(("txid", offered)) }
        let txid = try #require(try await cloud.reply(to: with)["txid"])
        #expect(txid != offered)
        let status = try await cloud.reply(to: .get("auth_status", [("txid", txid)]))
        #expect(status["status_msg"] == "Please enter verification code 042 into Duo Mobile...")
        #expect(try await cloud.reply(to: with).code == 40002)
        let late = try #require(try await cloud.reply(to: verified)["txid"])
        clock.advance(by: .seconds(60))
        #expect(try await cloud.reply(to: push.with { $0.parameters.append(("txid", late)) }).code == 40002)
    }

    @Test("After an offer, only a new preauth makes another push possible: not time, not the push itself")
    func verifiedPushIsStrict() async throws {
        let push = Call.auth("verified-push-ask", "push", [("async", "1")])
        _ = try await cloud.reply(to: verified)
        clock.advance(by: .seconds(61))
        #expect(try await cloud.reply(to: push).code == 40002)
        let offered = try #require(try await cloud.reply(to: verified)["txid"])
        clock.advance(by: .seconds(59))
        #expect(try await cloud.reply(to: push.with { $0.parameters.append(("txid", offered)) })["txid"] != nil)
        #expect(try await cloud.reply(to: push).code == 40002)
        // A client that cannot show a code gets an ordinary push.
        _ = try await cloud.reply(to: .post("preauth", [("username", "verified-push-ask")]))
        #expect(try await cloud.reply(to: push)["txid"] != nil)
    }

    @Test("The transaction of one user's preauth is good for nobody else")
    func verifiedPushOfAnother() async throws {
        let offered = try #require(try await cloud.reply(to: verified)["txid"])
        let push = Call.auth("alice", "push", [("async", "1"), ("txid", offered)])
        #expect(try await cloud.reply(to: push).code == 40002)
    }

    @Test("Trusted addresses need no second factor", arguments: [("192.0.2.7", "allow"), ("192.0.2.8", "auth")])
    func trusted(address: String, result: String) async throws {
        let reply = try await cloud.reply(to: .post("preauth", [("username", "trusted-network"), ("ipaddr", address)]))
        #expect(reply["result"] == result)
    }

    @Test("Aliases and user ids name the same user, without regard to case")
    func names() async throws {
        let id = Identifier.make("DU", from: "alice")
        for parameters in [[("username", "AL")], [("username", "Alice")], [("user_id", id)]] {
            let reply = try await cloud.reply(to: .post("preauth", parameters))
            #expect(reply.response?["devices"]?.array?.count == 3)
        }
    }

    @Test("Unknown users may be denied instead of enrolled")
    func unknownUsers() async throws {
        var directory = UserDirectory()
        directory.unknownUsers = .deny
        let reply = try await makeCloud(directory).reply(to: .post("preauth", [("username", "x")]))
        #expect(reply["result"] == "deny")
    }

    @Test("The record of requests has no passcode in it")
    func redaction() async throws {
        _ = try await passcode("passcode", "111111")
        #expect(await cloud.requests().last?.parameters["passcode"] == "<redacted>")
    }

    @Test("Skew moves the server's clock, so that honest clients are refused")
    func skew() async throws {
        await cloud.setSkew(seconds: 600)
        #expect(try await cloud.reply(to: .get("check")).code == 40105)
        #expect(try await cloud.reply(to: Call.get("check").with { $0.clockOffset = 600 }).status == 200)
    }

    @Test("The record of requests is a ring of 10,000")
    func ring() async {
        let request = APIRequest(
            connection: 1, method: "GET", path: "/auth/v2/ping", query: "", headers: [], body: [], reads: 1)
        for _ in 0..<20_100 { _ = await cloud.respond(to: request) }
        #expect(await cloud.requests().count == 10_000)
    }
}
