import DuoSimulator
import Secrets
import Testing

@testable import DuoAPI

/// How often a request leaves this host.
@Suite struct DeliveryTests {
    private let deadline = Duration.seconds(10)

    @Test(
        "A factor whose connection dies is never sent again, warm or cold",
        arguments: [true, false], ["push", "start", "auto", "phone", "sms", "passcode"])
    func once(warm: Bool, factor: String) async throws {
        try await withSimulator { simulator, api in
            if warm { _ = try await api.preauth(.user("alice"), deadline: deadline) }
            await simulator.cloud.setFault(.dropBeforeAnswer, path: "/auth/v2/auth", times: 1)
            let error = await failure { () async throws(DuoError) in
                let login = LoginFacts.user("alice")
                switch factor {
                case "push": _ = try await api.push(login, device: .auto, deadline: deadline)
                case "start": _ = try await api.startPush(login, device: .auto, deadline: deadline)
                case "auto": _ = try await api.auto(login, deadline: deadline)
                case "phone": _ = try await api.phone(login, device: .auto, deadline: deadline)
                case "sms": _ = try await api.sms(login, device: .auto, deadline: deadline)
                default: _ = try await api.passcode(login, passcode: Secret("100001"), deadline: deadline)
                }
            }
            #expect(error == .unreachable(.connectionLost))
            // The next call shows that nothing more was under way.
            _ = try await api.ping(deadline: deadline)
            #expect(await simulator.cloud.count("auth") == 1)
            #expect(await simulator.cloud.transactions().count == 1)
        }
    }

    @Test("Preauth is sent again, once, when a warm connection dies before the answer")
    func again() async throws {
        try await withSimulator { simulator, api in
            _ = try await api.ping(deadline: deadline)
            await simulator.cloud.setFault(.dropBeforeAnswer, path: "/auth/v2/preauth", times: 1)
            _ = try await api.preauth(.user("alice"), deadline: deadline)
            #expect(await simulator.cloud.count("preauth") == 2)
        }
    }

    @Test("So it is when the connection is a new one")
    func againCold() async throws {
        try await withSimulator { simulator, api in
            await simulator.cloud.setFault(.dropBeforeAnswer, path: "/auth/v2/preauth", times: 1)
            _ = try await api.preauth(.user("alice"), deadline: deadline)
            #expect(await simulator.cloud.count("preauth") == 2)
        }
    }

    @Test("Preauth is not sent a third time")
    func notThrice() async throws {
        try await withSimulator { simulator, api in
            _ = try await api.ping(deadline: deadline)
            await simulator.cloud.setFault(.dropBeforeAnswer, path: "/auth/v2/preauth", times: 9)
            let error = await failure { () async throws(DuoError) in
                try await api.preauth(.user("alice"), deadline: deadline)
            }
            #expect(error == .unreachable(.connectionLost))
            #expect(await simulator.cloud.count("preauth") <= 2)
        }
    }

    @Test("Every request leaves in one write")
    func writes() async throws {
        try await withSimulator { simulator, api in
            _ = try await api.ping(deadline: deadline)
            _ = try await api.preauth(.user("alice"), deadline: deadline)
            _ = try await api.passcode(.user("alice"), passcode: Secret("100001"), deadline: deadline)
            #expect(await simulator.cloud.requests().map(\.reads) == [1, 1, 1])
        }
    }

    @Test(
        "What Duo could only refuse is refused before anything is sent",
        arguments: [
            (LoginFacts(user: .username("")), "username"), (LoginFacts(user: .username("a\nb")), "username"),
            (LoginFacts(user: .username(String(repeating: "x", count: 1025))), "username"),
            (LoginFacts(user: .userID("DU/../x")), "user_id"),
            (LoginFacts(user: .username("a"), address: "example.org"), "ipaddr"),
            (LoginFacts(user: .username("a"), address: ""), "ipaddr"),
            (LoginFacts(user: .username("a"), hostname: "h\u{1b}"), "hostname"),
        ])
    func invalidLogin(login: LoginFacts, name: String) async throws {
        try await withSimulator { simulator, api in
            let error = await failure { () async throws(DuoError) in try await api.preauth(login, deadline: deadline) }
            guard case .invalidParameter(name, _) = error else { return fail("\(String(describing: error))") }
            #expect(await simulator.cloud.connections().accepted == 0)
        }
    }

    @Test("A pushinfo may have 19,999 bytes once encoded, and no more", arguments: [(19_997, true), (19_998, false)])
    func pushinfo(length: Int, fits: Bool) async throws {
        try await withSimulator { simulator, api in
            // A space becomes three bytes.
            let text = String(repeating: "x", count: length - 3) + " "
            let details = PushDetails(info: [.init("a", text)])
            let error = await failure { () async throws(DuoError) in
                try await api.startPush(.user("alice"), device: .auto, details: details, deadline: deadline)
            }
            #expect(error == (fits ? nil : .invalidParameter(name: "pushinfo", why: "it must be below 20000 bytes")))
            #expect(await simulator.cloud.count("auth") == (fits ? 1 : 0))
        }
    }

    @Test(
        "So are impossible enrolments",
        arguments: [("", nil, "username"), ("a\nb", nil, "username"), ("x", 0, "valid_secs"), ("x", -1, "valid_secs")]
            as [(String, Int?, String)])
    func invalidEnrollment(username: String, seconds: Int?, name: String) async throws {
        try await withSimulator { simulator, api in
            let error = await failure { () async throws(DuoError) in
                try await api.enroll(
                    username: username, validFor: seconds.map { .seconds($0) }, deadline: deadline)
            }
            guard case .invalidParameter(name, _) = error else { return fail("\(String(describing: error))") }
            #expect(await simulator.cloud.connections().accepted == 0)
        }
    }

    @Test(
        "So are questions after enrolments that cannot be",
        arguments: [
            ("DU 1", "duo://x", "user_id"), ("", "duo://x", "user_id"), ("DU1", "", "activation_code"),
            ("DU1", "duo://x\n", "activation_code"), ("DU1", String(repeating: "x", count: 1025), "activation_code"),
        ])
    func invalidEnrollmentStatus(id: String, code: String, name: String) async throws {
        try await withSimulator { simulator, api in
            let error = await failure { () async throws(DuoError) in
                try await api.enrollmentStatus(userID: id, activationCode: code, deadline: deadline)
            }
            guard case .invalidParameter(name, _) = error else { return fail("\(String(describing: error))") }
            #expect(await simulator.cloud.connections().accepted == 0)
        }
    }

    @Test("An enrolment whose connection dies is never sent again")
    func enrollOnce() async throws {
        try await withSimulator { simulator, api in
            _ = try await api.ping(deadline: deadline)
            await simulator.cloud.setFault(.dropBeforeAnswer, path: "/auth/v2/enroll", times: 1)
            let error = await failure { () async throws(DuoError) in try await api.enroll(deadline: deadline) }
            #expect(error == .unreachable(.connectionLost))
            _ = try await api.ping(deadline: deadline)
            #expect(await simulator.cloud.count("enroll") == 1)
        }
    }

    @Test("So are impossible devices, push details, passcodes and tokens")
    func invalidFactor() async throws {
        try await withSimulator { simulator, api in
            let login = LoginFacts.user("alice")
            let big = PushDetails(info: [.init("a", String(repeating: "x", count: 20_000))])
            let errors = [
                await failure { () async throws(DuoError) in
                    _ = try await api.push(
                        login, device: .auto, details: PushDetails(type: "a\u{1B}"), deadline: deadline)
                },
                await failure { () async throws(DuoError) in
                    _ = try await api.push(
                        login, device: .auto, details: PushDetails(displayUsername: ""), deadline: deadline)
                },
                await failure { () async throws(DuoError) in
                    _ = try await api.auto(login, device: .id("a/b"), deadline: deadline)
                },
                await failure { () async throws(DuoError) in
                    _ = try await api.preauth(
                        login, trustedDevice: TrustedDevice(token: Secret("a\r\nb")), deadline: deadline)
                },
                await failure { () async throws(DuoError) in
                    _ = try await api.push(login, device: .id("a b"), deadline: deadline)
                },
                await failure { () async throws(DuoError) in
                    _ = try await api.push(login, device: .auto, details: big, deadline: deadline)
                },
                await failure { () async throws(DuoError) in
                    _ = try await api.passcode(login, passcode: Secret(""), deadline: deadline)
                },
                await failure { () async throws(DuoError) in
                    _ = try await api.passcode(login, passcode: Secret("1\n2"), deadline: deadline)
                },
            ]
            for error in errors {
                guard case .invalidParameter = error else { return fail("\(String(describing: error))") }
            }
            #expect(await simulator.cloud.connections().accepted == 0)
        }
    }
}
