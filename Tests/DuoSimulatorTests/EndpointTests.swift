import DuoSimulator
import Foundation
import Testing

@Suite("Every endpoint over TLS, in every signature version", .serialized)
struct EndpointTests {
    private static let id = Identifier.make("DU", from: "alice")

    private static let calls: [Call] = [
        .get("ping"), .get("check"), .get("logo"), .post("enroll", []),
        .post("enroll", [("username", "dörte \"d\" \\ &=+%"), ("valid_secs", "60")]),
        .post("enroll_status", [("user_id", id), ("activation_code", "duo://x-y/z+=")]),
        .post("preauth", [("user_id", id), ("ipaddr", "2001:db8::7"), ("hostname", "a b+c/ü \"q\" \\")]),
        .auth("push-approve", "auto"),
        .auth("push-approve", "push", [("type", "Wire"), ("display_username", "P. A."), ("pushinfo", "a=b%20c&d=e")]),
        .auth("phone-approve", "phone"), .auth("sms", "sms"),
        .auth("passcode", "passcode", [("passcode", "111111")]),
    ]

    @Test("Each answers", arguments: [Call.Signature.v2SHA1, .v2SHA512, .v5])
    func answers(signature: Call.Signature) async throws {
        try await withSimulator { simulator in
            let calls = Self.calls.map { call in call.with { $0.signature = signature } }
            let replies = try await simulator.send(calls)
            #expect(replies.map(\.status) == calls.map { _ in 200 })
            let txid = try #require(
                try await simulator.send(
                    Call.auth("push-approve", "push", [("async", "1")]).with { $0.signature = signature })["txid"])
            let poll = Call.get("auth_status", [("txid", txid)]).with { $0.signature = signature }
            #expect(try await simulator.send([poll, poll]).map { $0["result"] } == ["waiting", "allow"])
        }
    }

    @Test("Each but ping refuses a wrong signature", arguments: [Call.Signature.v2SHA1, .v2SHA512, .v5])
    func refuses(signature: Call.Signature) async throws {
        let cloud = makeCloud()
        for call in Self.calls where call.path != "/auth/v2/ping" {
            let wrong = call.with {
                $0.signature = signature
                $0.secretKey = "wrong"
            }
            #expect(try await cloud.reply(to: wrong).code == 40103, "\(call.path)")
        }
    }

    @Test("A POST whose content type does not fit its signature is told so", arguments: [Call.Signature.v2SHA512, .v5])
    func contentTypes(signature: Call.Signature) async throws {
        let cloud = makeCloud()
        let types = ["application/x-www-form-urlencoded", "application/json", "text/plain"]
        for call in Self.calls where call.method == "POST" {
            var codes: [Int?] = []
            for type in types {
                let typed = call.with {
                    $0.signature = signature
                    $0.contentType = type
                }
                codes.append(try await cloud.reply(to: typed).code)
            }
            #expect(codes == (signature == .v5 ? [40106, nil, 40106] : [nil, 40106, 40106]), "\(call.path)")
            await cloud.reset()
        }
    }

    @Test("The logo is a PNG image outside of any envelope; without one the answer is 40002")
    func logo() async throws {
        guard case .image(let image) = await makeCloud().respond(to: Call.get("logo").request) else { throw NoAnswer() }
        #expect(image.starts(with: [0x89] + Array("PNG\r\n\u{1A}\n".utf8)))
        #expect(image.suffix(8).starts(with: Array("IEND".utf8)))
        let directory = try UserDirectory(json: #"{"logo": false}"#)
        let none = try await makeCloud(directory).reply(to: .get("logo"))
        #expect(none.status == 400 && none.code == 40002)
        #expect(none.json["message"]?.string == "Logo not found")
    }

    @Test("The content type tells images from answers")
    func types() async throws {
        try await withSimulator { simulator in
            for (path, type) in [("logo", "image/png"), ("check", "application/json")] {
                let call = Call.get(path)
                let arguments =
                    ["curl", "--silent", "--noproxy", "*", "--cacert", simulator.caFile, "--output", "/dev/null"]
                    + ["--write-out", "%{content_type}", "https://\(simulator.apiHost)\(call.path)"]
                    + call.headers.flatMap { ["--header", "\($0.name): \($0.value)"] }
                let output = try await Tool.run(arguments)
                #expect(String(decoding: output, as: UTF8.self) == type)
            }
        }
    }
}
