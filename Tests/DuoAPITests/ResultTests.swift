import Testing

@testable import DuoAPI

/// What the JSON of an answer becomes.
@Suite struct ResultTests {
    private func decode<T: Decodable>(_ type: T.Type, _ json: String) throws -> T {
        try Envelope(.init(status: 200, body: #"{"stat":"OK","response":\#(json)}"#), now: 0).decode(type)
    }

    @Test(
        "Preauth: allow, deny and enroll",
        arguments: [
            (#"{"result":"allow","status_msg":"in"}"#, PreauthResult.allow(statusMessage: "in")),
            (#"{"result":"deny","status_msg":"out"}"#, .deny(statusMessage: "out")),
            (#"{"result":"deny"}"#, .deny(statusMessage: "")),
            (
                #"{"result":"enroll","status_msg":"e","enroll_portal_url":"https://api-x/portal?code=1"}"#,
                .enroll(statusMessage: "e", portalURL: "https://api-x/portal?code=1")
            ),
            (
                #"{"result":"enroll","enroll_portal_url":"javascript:alert(1)"}"#,
                .enroll(statusMessage: "", portalURL: nil)
            ),
        ])
    func preauth(json: String, result: PreauthResult) throws {
        #expect(PreauthResult(try decode(PreauthAnswer.self, json)) == result)
    }

    @Test(
        "Preauth: a result that nobody knows is a denial",
        arguments: ["Allow", "ALLOW", "allow ", "allowed", "", "bypass", "auth2", "\u{0}"])
    func unknownPreauth(word: String) throws {
        let answer = PreauthAnswer(
            result: word, status_msg: nil, enroll_portal_url: nil, devices: nil, txid: nil, verification_code: nil,
            expiration: nil)
        #expect(PreauthResult(answer) == .deny(statusMessage: ""))
    }

    @Test("Preauth: devices with what they can do; unknown capabilities and fields are skipped")
    func devices() throws {
        let json = #"""
            {"result":"auth","status_msg":"Account is active","devices":[
              {"device":"DPFZRS9FB0D46QFTM891","type":"phone","display_name":"iOS (XXX-XXX-0100)","name":"mine",
               "number":"XXX-XXX-0100","capabilities":["auto","push","sms","phone","mobile_otp","telepathy"],
               "sms_nextcode":"4","colour":"red"},
              {"device":"DHEKH0JJIYC1LX3AZWO4","type":"token","name":"0"},
              {"device":"WABC","type":"hologram","display_name":"H\u001b[2J"},
              {"device":"../etc","type":"phone"}]}
            """#
        let expected = [
            Device(
                id: "DPFZRS9FB0D46QFTM891", kind: .phone, displayName: "iOS (XXX-XXX-0100)", name: "mine",
                number: "XXX-XXX-0100", capabilities: [.auto, .push, .sms, .phone, .mobileOTP], smsNextCode: "4"),
            Device(id: "DHEKH0JJIYC1LX3AZWO4", kind: .token, displayName: "", name: "0"),
            Device(id: "WABC", kind: .other, displayName: "H[2J"),
        ]
        #expect(
            PreauthResult(try decode(PreauthAnswer.self, json))
                == .auth(devices: expected, statusMessage: "Account is active", verifiedPush: nil))
    }

    @Test(
        "Preauth: a Verified Push needs a transaction and a code, and keeps leading zeros",
        arguments: [
            (#""txid":"ab-1","verification_code":"007","expiration":60"#, "007"),
            (#""txid":"ab-1""#, nil),
            (#""verification_code":"007""#, nil),
            (#""txid":"a b","verification_code":"007""#, nil),
            (#""txid":"ab-1","verification_code":"0\u001b7x""#, nil),
        ] as [(String, String?)])
    func verifiedPush(fields: String, code: String?) throws {
        let result = PreauthResult(try decode(PreauthAnswer.self, #"{"result":"auth",\#(fields)}"#))
        let push = TransactionID("ab-1").flatMap { id in
            code.map { VerifiedPush(transaction: id, code: $0, expiration: 60) }
        }
        #expect(result == .auth(devices: [], statusMessage: "", verifiedPush: push))
    }

    @Test(
        "Auth: only allow with a status that is no denial allows",
        arguments: [
            (#"{"result":"allow","status":"allow","status_msg":"ok"}"#, AuthResult.allow(.allow, message: "ok")),
            (#"{"result":"allow","status":"bypass"}"#, .allow(.bypass, message: "")),
            (#"{"result":"allow","status":"brand_new"}"#, .allow(.other("brand_new"), message: "")),
            (#"{"result":"allow","status":"fraud"}"#, .deny(.fraud, message: "")),
            (#"{"result":"allow","status":"timeout"}"#, .deny(.timeout, message: "")),
            (#"{"result":"allow","status":"sent"}"#, .deny(.sent, message: "")),
            (#"{"result":"deny","status":"sent","status_msg":"New"}"#, .deny(.sent, message: "New")),
            (#"{"result":"deny","status":"locked_out"}"#, .deny(.lockedOut, message: "")),
            (#"{"result":"deny","status":"allow"}"#, .deny(.allow, message: "")),
            (#"{"result":"deny"}"#, .deny(.other(""), message: "")),
            (#"{"result":"waiting","status":"pushed"}"#, .deny(.pushed, message: "")),
            (#"{"result":"yes","status":"allow"}"#, .deny(.allow, message: "")),
        ])
    func auth(json: String, result: AuthResult) throws {
        #expect(AuthResult(try decode(AuthAnswer.self, json)) == result)
    }

    @Test(
        "Status: a timeout ends the wait whatever the result, the unknown is a denial",
        arguments: [
            (#"{"result":"waiting","status":"pushed","status_msg":"p"}"#, AuthStatus.waiting(.pushed, message: "p")),
            (#"{"result":"waiting","status":"push_failed"}"#, .waiting(.pushFailed, message: "")),
            (#"{"result":"waiting","status":"calling"}"#, .waiting(.calling, message: "")),
            (#"{"result":"waiting","status":"answered"}"#, .waiting(.answered, message: "")),
            (#"{"result":"waiting","status":"brand_new"}"#, .waiting(.other("brand_new"), message: "")),
            (#"{"result":"waiting","status":"timeout"}"#, .deny(.timeout, message: "")),
            (#"{"result":"deny","status":"timeout"}"#, .deny(.timeout, message: "")),
            (#"{"result":"allow","status":"allow"}"#, .allow(.allow, message: "")),
            (#"{"result":"allow","status":"deny"}"#, .deny(.deny, message: "")),
            (#"{"result":"deny","status":"fraud"}"#, .deny(.fraud, message: "")),
            (#"{"result":"brand_new","status":"pushed"}"#, .deny(.pushed, message: "")),
        ])
    func status(json: String, result: AuthStatus) throws {
        #expect(AuthStatus(try decode(AuthAnswer.self, json)) == result)
    }

    @Test(
        "A result that is missing or no text is malformed",
        arguments: ["{}", #"{"result":1}"#, #"{"result":null}"#, #"{"result":true}"#, "[]", "\"allow\"", "null"])
    func malformed(json: String) throws {
        let error = DuoError.malformed(what: "the response lacks a field or has one of the wrong type")
        #expect(throws: error) { try decode(AuthAnswer.self, json) }
        #expect(throws: error) { try decode(PreauthAnswer.self, json) }
    }

    @Test("Every status has Duo's word and comes back from it")
    func words() {
        for word in ["calling", "answered", "pushed", "push_failed", "timeout", "fraud", "deny", "locked_out", "sent"] {
            #expect(LoginStatus(word).word == word)
            if case .other = LoginStatus(word) { Issue.record("\(word) is unknown") }
        }
        #expect(LoginStatus("new\u{1b}[0m").word == "new[0m")
    }
}

extension Response {
    init(status: Int, body: String) {
        self.init(
            status: status, retryAfter: nil, body: Array(body.utf8),
            facts: ConnectionFacts(
                reused: false, remoteAddress: "", lookup: .zero, connect: .zero, handshake: .zero, total: .zero))
    }
}
