import DuoSimulator
import Testing

@testable import DuoAPI

/// From an unknown user to a login, signed either way.
@Suite struct EnrollmentTests {
    private let deadline = Duration.seconds(10)

    @Test("A user is enrolled, adds a phone, and logs in with it", arguments: SignatureVersion.allCases)
    func whole(version: SignatureVersion) async throws {
        try await withSimulator(signatureVersion: version) { simulator, api in
            let enrollment = try await api.enroll(username: "carol", validFor: .seconds(600), deadline: deadline)
            #expect(enrollment.username == "carol")
            #expect(enrollment.activationCode.hasPrefix("duo://"))
            #expect(enrollment.activationURL != nil && enrollment.barcodeURL != nil)
            func status() async throws(DuoError) -> EnrollmentStatus {
                try await api.enrollmentStatus(
                    userID: enrollment.userID, activationCode: enrollment.activationCode, deadline: deadline)
            }
            let before = try await status()
            #expect(before == .waiting)
            let login = LoginFacts(user: .userID(enrollment.userID))
            guard case .enroll = try await api.preauth(login, deadline: deadline) else { return fail("not enrol") }
            try await simulator.cloud.activate(user: "carol")
            let after = try await status()
            #expect(after == .success)
            guard case .auth(let devices, _, _) = try await api.preauth(login, deadline: deadline),
                let phone = devices.first
            else { return fail("no device") }
            let transaction = try await api.startPush(login, device: .id(phone.id), deadline: deadline)
            try await simulator.cloud.answer(.approve, txid: transaction.text)
            guard case .waiting = try await api.authStatus(transaction, deadline: deadline),
                case .allow = try await api.authStatus(transaction, deadline: deadline)
            else { return fail("no allow") }
        }
    }

    @Test("A name that exists is rejected, one that is left out is made up, an unknown code is invalid")
    func corners() async throws {
        try await withSimulator { _, api in
            let error = await failure { () async throws(DuoError) in
                try await api.enroll(username: "alice", deadline: deadline)
            }
            guard case .rejected(400, RejectedCode.invalidParameters, _, _) = error else {
                return fail("\(String(describing: error))")
            }
            let nameless = try await api.enroll(deadline: deadline)
            #expect(nameless.username.utf8.count == 32)
            let status = try await api.enrollmentStatus(
                userID: nameless.userID, activationCode: "duo://another", deadline: deadline)
            #expect(status == .invalid)
        }
    }
}
