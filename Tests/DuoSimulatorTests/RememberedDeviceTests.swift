import DuoSimulator
import Testing

@Suite("Remembered devices on a clock that the test moves")
struct RememberedDeviceTests {
    private let clock = ManualClock()
    private let cloud: Cloud
    private let user = "remembered-device"

    init() { cloud = makeCloud(clock: clock) }

    private func preauth(_ token: String, as user: String? = nil) async throws -> String? {
        let parameters = [("username", user ?? self.user), ("trusted_device_token", token)]
        return try await cloud.reply(to: .post("preauth", parameters))["result"]
    }

    private func token() async throws -> String {
        try #require(try await cloud.reply(to: .auth(user, "push"))["trusted_device_token"])
    }

    @Test("A token comes with the final allow, sync or polled, and with no other step")
    func issued() async throws {
        #expect(try await token().split(separator: "|").count == 3)
        let txid = try #require(try await cloud.reply(to: .auth(user, "push", [("async", "1")]))["txid"])
        let poll = Call.get("auth_status", [("txid", txid)])
        let first = try await cloud.reply(to: poll)
        #expect(first["result"] == "waiting" && first["trusted_device_token"] == nil)
        let last = try await cloud.reply(to: poll)
        #expect(last["result"] == "allow" && last["trusted_device_token"] != nil)
        let denied = try await cloud.reply(to: .auth(user, "passcode", [("passcode", "0")]))
        #expect(denied["result"] == "deny" && denied["trusted_device_token"] == nil)
    }

    @Test("Users without remembered devices get no token", arguments: ["push-approve", "preauth-allow"])
    func others(user: String) async throws {
        let reply = try await cloud.reply(to: .auth(user, "push"))
        #expect(reply["result"] == "allow" && reply["trusted_device_token"] == nil)
    }

    @Test("A token makes preauth allow, for its user and for thirty days")
    func taken() async throws {
        let token = try await token()
        #expect(try await preauth(token) == "allow")
        #expect(try await preauth(token) == "allow")
        #expect(try await preauth(token, as: "push-approve") == "auth")
        #expect(try await preauth(token, as: "preauth-deny") == "deny")
        #expect(try await preauth(token + "0") == "auth")
        clock.advance(by: .seconds(30 * 86_400 - 1))
        #expect(try await preauth(token) == "allow")
        clock.advance(by: .seconds(1))
        #expect(try await preauth(token) == "auth")
    }

    @Test("Only preauth takes a token")
    func auth() async throws {
        let token = try await token()
        let reply = try await cloud.reply(to: .auth(user, "push", [("trusted_device_token", token)]))
        #expect(reply.code == 40002 && reply.detail == "trusted_device_token")
    }

    @Test("The record of requests has no token in it")
    func redaction() async throws {
        _ = try await preauth("canary")
        #expect(await cloud.requests().last?.parameters["trusted_device_token"] == "<redacted>")
    }
}
