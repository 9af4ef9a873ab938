import DuoSimulator
import Testing

@testable import DuoAPI

/// Every value that Duo documents for an answer, those that contradict each other, and those that nobody knows.
@Suite struct ResponseTests {
    private let deadline = Duration.seconds(10)

    private static let words: [(word: String?, status: LoginStatus)] = [
        ("calling", .calling), ("answered", .answered), ("pushed", .pushed), ("push_failed", .pushFailed),
        ("timeout", .timeout), ("fraud", .fraud), ("deny", .deny), ("locked_out", .lockedOut), ("sent", .sent),
        ("allow", .allow), ("bypass", .bypass), ("purple", .other("purple")), (nil, .other("")),
    ]
    /// With these no result allows, and none goes on.
    private static let final: [LoginStatus] = [.timeout, .fraud, .deny, .lockedOut, .sent]

    private static func json(_ result: String, _ word: String?) -> String {
        #"{"result":"\#(result)","status_msg":"m""# + (word.map { #","status":"\#($0)"}"# } ?? "}")
    }

    @Test(
        "A poll allows, waits or denies by its result, and a status that ends a login ends it",
        arguments: ["allow", "waiting", "deny", "maybe", "ALLOW", ""])
    func polls(result: String) async throws {
        let id = try #require(TransactionID("t-1"))
        try await withSimulator { simulator, api in
            for (word, status) in Self.words {
                await simulator.answer("auth_status", Self.json(result, word))
                let answer = try await api.authStatus(id, deadline: deadline)
                let isFinal = Self.final.contains(status)
                switch result {
                case "allow" where !isFinal: #expect(answer == .allow(status, message: "m"))
                case "waiting" where !isFinal: #expect(answer == .waiting(status, message: "m"))
                default: #expect(answer == .deny(status, message: "m"))
                }
            }
        }
    }

    @Test(
        "A sync factor allows by its result alone, and never with a status that denies",
        arguments: ["allow", "waiting", "deny", "maybe", "ALLOW", ""])
    func factors(result: String) async throws {
        try await withSimulator { simulator, api in
            for (word, status) in Self.words {
                await simulator.answer("auth", Self.json(result, word))
                let answer = try await api.push(.user("alice"), device: .auto, deadline: deadline)
                let allows = result == "allow" && !Self.final.contains(status)
                #expect(answer == (allows ? .allow(status, message: "m") : .deny(status, message: "m")))
            }
        }
    }

    @Test(
        "An async factor is answered with a usable transaction id, or not at all",
        arguments: [
            (#"{"txid":"45f7c92b-f45f-4862-8545-e0f58e78075a"}"#, nil),
            (#"{"txid":""}"#, "the transaction id is not one"),
            (#"{"txid":"a b"}"#, "the transaction id is not one"),
            (#"{"txid":"a&b=c"}"#, "the transaction id is not one"),
            (#"{"txid":7}"#, "the response lacks a field or has one of the wrong type"),
            (#"{"result":"allow"}"#, "the response lacks a field or has one of the wrong type"),
        ] as [(String, String?)])
    func transactions(json: String, what: String?) async throws {
        try await withSimulator { simulator, api in
            await simulator.answer("auth", json)
            let error = await failure { () async throws(DuoError) in
                try await api.startPush(.user("alice"), device: .auto, deadline: deadline)
            }
            #expect(error == what.map { .malformed(what: $0) })
        }
    }

    @Test(
        "Enrolment: what can be used is kept, what is no web address is left out",
        arguments: [
            (
                #"{"user_id":"DU1","username":"a\u001b[2J","activation_code":"duo://k-x","activation_url":"https://m/a","#
                    + #""activation_barcode":"https://x/qr?value=duo%3A%2F%2F","expiration":1357020061,"new":1}"#,
                Enrollment(
                    userID: "DU1", username: "a[2J", activationCode: "duo://k-x", activationURL: "https://m/a",
                    barcodeURL: "https://x/qr?value=duo%3A%2F%2F", expiration: 1_357_020_061)
            ),
            (
                #"{"user_id":"DU1","username":"a","activation_code":"duo://k","activation_barcode":"javascript:x","#
                    + #""expiration":1}"#,
                Enrollment(
                    userID: "DU1", username: "a", activationCode: "duo://k", activationURL: nil, barcodeURL: nil,
                    expiration: 1)
            ),
            (#"{"user_id":"DU 1","username":"a","activation_code":"duo://k","expiration":1}"#, nil),
            (#"{"user_id":"DU1","username":"a","activation_code":"","expiration":1}"#, nil),
            (#"{"user_id":"DU1","username":"a","activation_code":"a\nb","expiration":1}"#, nil),
            (#"{"user_id":"DU1","username":"a","expiration":1}"#, nil),
        ] as [(String, Enrollment?)])
    func enrollments(json: String, expected: Enrollment?) async throws {
        try await withSimulator { simulator, api in
            await simulator.answer("enroll", json)
            do throws(DuoError) {
                let enrollment = try await api.enroll(deadline: deadline)
                #expect(enrollment == expected)
            } catch {
                guard case .malformed = error, expected == nil else { return fail("\(error)") }
            }
        }
    }

    @Test(
        "Enrolment status: a bare word, and only success says success",
        arguments: [
            (#""success""#, EnrollmentStatus.success), (#""invalid""#, .invalid), (#""waiting""#, .waiting),
            (#""SUCCESS""#, .other("SUCCESS")), (#""lat\u001ber""#, .other("later")), (#""""#, .other("")),
        ])
    func enrollmentStatus(json: String, expected: EnrollmentStatus) async throws {
        try await withSimulator { simulator, api in
            await simulator.answer("enroll_status", json)
            let status = try await api.enrollmentStatus(userID: "DU1", activationCode: "duo://x", deadline: deadline)
            #expect(status == expected)
        }
    }

    @Test(
        "Preauth: a Verified Push keeps the zeros of its code, whatever its length",
        arguments: ["007", "0042", "00000", "012345"])
    func verificationCodes(code: String) async throws {
        try await withSimulator { simulator, api in
            await simulator.answer(
                "preauth",
                #"{"result":"auth","devices":[],"txid":"t-1","verification_code":"\#(code)","expiration":1700000060}"#)
            let preauth = try await api.preauth(.user("alice"), supportsVerifiedPush: true, deadline: deadline)
            guard case .auth(_, _, let verified?) = preauth else { return fail("\(preauth)") }
            #expect(verified.code == code && verified.expiration == 1_700_000_060)
        }
    }

    @Test("A logo is a PNG image; an application without one has none")
    func logo() async throws {
        try await withSimulator { simulator, api in
            let image = try #require(try await api.logo(deadline: deadline))
            #expect(image.count > 60)
            await simulator.cloud.setFault(.body("<svg/>"), path: "/auth/v2/logo", times: 1)
            let error = await failure { () async throws(DuoError) in try await api.logo(deadline: deadline) }
            #expect(error == .malformed(what: "the logo is no PNG image"))
            await simulator.cloud.setFault(.status(400, code: 40001), path: "/auth/v2/logo", times: 1)
            let other = await failure { () async throws(DuoError) in try await api.logo(deadline: deadline) }
            guard case .rejected(400, 40001, _, _) = other else { return fail("\(String(describing: other))") }
        }
        var options = SimulatorOptions()
        options.directory.hasLogo = false
        try await withSimulator(options) { _, api in
            let none = try await api.logo(deadline: deadline)
            #expect(none == nil)
        }
    }
}
