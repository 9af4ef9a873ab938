import FoundationEssentials
import Secrets
import Testing

@testable import DuoAPI

@Suite struct SecrecyTests {
    private let canary = "canarycanarycanarycanarycanarycanarycana"

    @Test("The secret key, a passcode and a trusted device's token appear in no text that these types can make")
    func redacted() throws {
        let credentials = Credentials(integrationKey: "DIXXXXXXXXXXXXXXXXXX", secretKey: Secret(canary))
        var parameters = Parameters([("username", "alice")])
        parameters.add("passcode", secret: Secret(canary))
        let host = try #require(APIHost("api-x.duosecurity.com"))
        let request = Request(
            method: .post, host: host, path: "/", parameters: parameters.encoded, delivery: .once,
            deadline: .seconds(1))
        let signature = Signature(
            date: "d", method: "POST", host: "h", path: "/", parameters: parameters.encoded)
        let api = AuthAPI(
            host: host, credentials: credentials, transport: try Transport(), clock: DuoClock { 0 })
        let canonical = try #require(signature.canonical)
        let token = try JSONDecoder().decode(SecretText.self, from: Data("\"\(canary)\"".utf8))
        let values: [Any] = [
            credentials, parameters, parameters.encoded, parameters.json, request, signature, canonical,
            Call(request, end: .now + request.deadline), api, TrustedDevice(token: Secret(canary)), token,
        ]
        for value in values {
            var dumped = ""
            dump(value, to: &dumped)
            for text in [dumped, "\(value)", String(reflecting: value), String(describing: Mirror(reflecting: value))] {
                #expect(!text.contains(canary))
                #expect(!text.contains("canary"))
            }
        }
        #expect(signature.authorization(credentials)?.contains("canary") == false)
    }
}
