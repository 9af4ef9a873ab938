import DuoSimulator
import Secrets
import Testing

@testable import DuoAPI

/// Tokens by which Duo remembers a device.
@Suite struct TrustedDeviceTests {
    private let deadline = Duration.seconds(10)
    private let login = LoginFacts.user("remembered-device")

    @Test(
        "An allow brings a token, and with it preauth needs no factor", arguments: SignatureVersion.allCases,
        ["push", "poll", "auto", "passcode"])
    func remembered(version: SignatureVersion, factor: String) async throws {
        try await withSimulator(signatureVersion: version) { _, api in
            let device = TrustedDevice()
            guard case .auth = try await api.preauth(login, trustedDevice: device, deadline: deadline) else {
                return fail("trusted before any login")
            }
            switch factor {
            case "push": _ = try await api.push(login, device: .auto, trustedDevice: device, deadline: deadline)
            case "auto": _ = try await api.auto(login, trustedDevice: device, deadline: deadline)
            case "passcode":
                _ = try await api.passcode(
                    login, passcode: Secret("111111"), trustedDevice: device, deadline: deadline)
            default:
                let transaction = try await api.startPush(login, device: .auto, deadline: deadline)
                _ = try await api.authStatus(transaction, trustedDevice: device, deadline: deadline)
                #expect(device.token == nil)
                _ = try await api.authStatus(transaction, trustedDevice: device, deadline: deadline)
            }
            #expect(device.token != nil)
            guard case .allow = try await api.preauth(login, trustedDevice: device, deadline: deadline) else {
                return fail("not remembered")
            }
            // Another user on the same device, and the same user without a token.
            let other = LoginFacts.user("push-approve")
            guard case .auth = try await api.preauth(other, trustedDevice: device, deadline: deadline),
                case .auth = try await api.preauth(login, deadline: deadline)
            else { return fail("a token for everybody") }
        }
    }

    @Test(
        "A token is kept only with an allow, and only if it can be one",
        arguments: [
            (#"{"result":"allow","status":"allow","trusted_device_token":"YQ==|1|c0ffee"}"#, "YQ==|1|c0ffee"),
            (#"{"result":"allow","status":"allow"}"#, "old"),
            (#"{"result":"allow","status":"allow","trusted_device_token":null}"#, "old"),
            (#"{"result":"allow","status":"allow","trusted_device_token":""}"#, "old"),
            (#"{"result":"allow","status":"allow","trusted_device_token":"a b"}"#, "old"),
            (#"{"result":"allow","status":"allow","trusted_device_token":"a\r\nb"}"#, "old"),
            (
                #"{"result":"allow","status":"allow","trusted_device_token":"\#(String(repeating: "x", count: 4097))"}"#,
                "old"
            ),
            (#"{"result":"deny","status":"deny","trusted_device_token":"new"}"#, "old"),
            (#"{"result":"allow","status":"fraud","trusted_device_token":"new"}"#, "old"),
            (#"{"result":"maybe","status":"allow","trusted_device_token":"new"}"#, "old"),
            (#"{"result":"waiting","status":"pushed","trusted_device_token":"new"}"#, "old"),
        ])
    func kept(json: String, token: String) async throws {
        let id = try #require(TransactionID("t-1"))
        try await withSimulator { simulator, api in
            for endpoint in ["auth", "auth_status"] {
                let device = TrustedDevice(token: Secret("old"))
                await simulator.answer(endpoint, json)
                if endpoint == "auth" {
                    _ = try await api.push(login, device: .auto, trustedDevice: device, deadline: deadline)
                } else {
                    _ = try await api.authStatus(id, trustedDevice: device, deadline: deadline)
                }
                #expect(device.token?.text == token)
            }
        }
    }
}
