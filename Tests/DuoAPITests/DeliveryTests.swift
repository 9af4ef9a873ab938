import DuoSimulator
import Secrets
import Testing

@testable import DuoAPI

/// How often a request leaves this host.
@Suite struct DeliveryTests {
    private let deadline = Duration.seconds(10)

    @Test(
        "A factor whose connection dies is never sent again, warm or cold",
        arguments: [true, false], ["push", "start", "phone", "sms", "passcode"])
    func once(warm: Bool, factor: String) async throws {
        try await withSimulator { simulator, api in
            if warm { _ = try await api.preauth(.user("alice"), deadline: deadline) }
            await simulator.cloud.setFault(.dropBeforeAnswer, path: "/auth/v2/auth", times: 1)
            let error = await failure { () async throws(DuoError) in
                let login = LoginFacts.user("alice")
                switch factor {
                case "push": _ = try await api.push(login, device: .auto, deadline: deadline)
                case "start": _ = try await api.startPush(login, device: .auto, deadline: deadline)
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

    @Test("So are impossible devices, push details and passcodes")
    func invalidFactor() async throws {
        try await withSimulator { simulator, api in
            let login = LoginFacts.user("alice")
            let big = PushDetails(info: [.init("a", String(repeating: "x", count: 20_000))])
            let errors = [
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
