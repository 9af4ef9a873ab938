import DuoSimulator
import Secrets
import Testing

@testable import DuoAPI

/// Every factor, from the call to Duo's last word.
@Suite struct FactorTests {
    private let deadline = Duration.seconds(10)

    @Test(
        "A push that waits: approved, denied, reported, timed out, or answered in unknown words",
        arguments: [
            ("push-approve", AuthResult.allow(.allow, message: "")), ("push-deny", .deny(.deny, message: "")),
            ("push-fraud", .deny(.fraud, message: "")), ("push-timeout", .deny(.timeout, message: "")),
            ("locked-out", .deny(.lockedOut, message: "")), ("unknown-result", .deny(.other("purple"), message: "")),
            ("unknown-status", .allow(.other("purple"), message: "")),
        ])
    func push(user: String, expected: AuthResult) async throws {
        try await withSimulator { _, api in
            let result = try await api.push(.user(user), device: .auto, deadline: deadline)
            #expect(result.withoutMessage == expected)
        }
    }

    @Test("A push by polling: waiting first, then what the person decides")
    func polling() async throws {
        try await withSimulator { simulator, api in
            let details = PushDetails(
                type: "Login", displayUsername: "Alice A.",
                info: [.init("Server IP", "192.0.2.1"), .init("Command", "ls -l & echo=1 ü")])
            let transaction = try await api.startPush(
                .user("alice"), device: .auto, details: details, deadline: deadline)
            let seen = try await simulator.cloud.waitForTransaction(within: .seconds(5))
            #expect(seen.txid == transaction.text)
            #expect(seen.pushinfo == "Server%20IP=192.0.2.1&Command=ls%20-l%20%26%20echo%3D1%20%C3%BC")
            guard case .waiting(.pushed, _) = try await api.authStatus(transaction, deadline: deadline) else {
                return fail("no waiting step")
            }
            try await simulator.cloud.answer(.approve, txid: nil)
            guard case .allow(.allow, _) = try await api.authStatus(transaction, deadline: deadline) else {
                return fail("not allowed")
            }
        }
    }

    @Test("A phone call: waits, or goes through calling and answered")
    func phone() async throws {
        try await withSimulator { simulator, api in
            let approved = try await api.phone(.user("phone-approve"), device: .auto, deadline: deadline)
            #expect(approved.withoutMessage == .allow(.allow, message: ""))
            let transaction = try await api.startPhone(.user("alice"), device: .auto, deadline: deadline)
            guard case .waiting(.calling, _) = try await api.authStatus(transaction, deadline: deadline),
                case .waiting(.answered, _) = try await api.authStatus(transaction, deadline: deadline)
            else { return fail("other steps") }
            try await simulator.cloud.answer(.deny, txid: nil)
            let last = try await api.authStatus(transaction, deadline: deadline)
            guard case .deny(.deny, _) = last else { return fail("\(last)") }
        }
    }

    @Test(
        "Auto: Duo chooses the push, or the call where no push is possible",
        arguments: [("push-approve", "push"), ("phone-approve", "phone")])
    func auto(user: String, factor: String) async throws {
        try await withSimulator { simulator, api in
            let result = try await api.auto(.user(user), deadline: deadline)
            #expect(result.withoutMessage == .allow(.allow, message: ""))
            #expect(await simulator.cloud.transactions().map(\.factor) == [factor])
            #expect(await simulator.cloud.transactions().map(\.async) == [false])
        }
    }

    @Test("SMS passcodes are sent, which is no login, and one of them is")
    func sms() async throws {
        try await withSimulator { simulator, api in
            let sent = try await api.sms(.user("alice"), device: .auto, deadline: deadline)
            #expect(sent.withoutMessage == .deny(.sent, message: ""))
            let code = try #require(await simulator.cloud.smsPasscodes(of: "alice").first)
            let result = try await api.passcode(.user("alice"), passcode: Secret(code), deadline: deadline)
            #expect(result.withoutMessage == .allow(.allow, message: ""))
        }
    }

    @Test(
        "Passcodes: right, used up, wrong, bypass",
        arguments: [
            (["100001"], AuthResult.allow(.allow, message: "")), (["100001", "100001"], .deny(.deny, message: "")),
            (["000000"], .deny(.deny, message: "")), (["900000001"], .allow(.bypass, message: "")),
        ])
    func passcodes(codes: [String], expected: AuthResult) async throws {
        try await withSimulator { _, api in
            var last: AuthResult?
            for code in codes {
                last = try await api.passcode(.user("alice"), passcode: Secret(code), deadline: deadline)
            }
            #expect(last?.withoutMessage == expected)
        }
    }

    @Test("A Verified Push: preauth's code and transaction go with the push")
    func verifiedPush() async throws {
        try await withSimulator { simulator, api in
            let login = LoginFacts.user("verified-push-ask")
            let preauth = try await api.preauth(login, supportsVerifiedPush: true, deadline: deadline)
            guard case .auth(_, _, let verified?) = preauth else { return fail("\(preauth)") }
            #expect(verified.code == "042" && verified.expiration != nil)
            let transaction = try await api.startPush(
                login, device: .auto, details: PushDetails(verified: verified.transaction), deadline: deadline)
            guard case .waiting(.pushed, let message) = try await api.authStatus(transaction, deadline: deadline) else {
                return fail("no waiting step")
            }
            #expect(message.contains("042"))
            try await simulator.cloud.answer(.approve, txid: nil)
            guard case .allow = try await api.authStatus(transaction, deadline: deadline) else {
                return fail("not allowed")
            }
        }
    }
}

extension AuthResult {
    /// Duo's wording is Duo's.
    var withoutMessage: AuthResult {
        switch self {
        case .allow(let status, _): .allow(status, message: "")
        case .deny(let status, _): .deny(status, message: "")
        }
    }
}
