import DuoSimulator
import Testing

@testable import DuoAPI

/// Duo refuses a poll with 40002 also when nothing happened during it.
@Suite struct StatusPollTests {
    private let path = "/auth/v2/auth_status"

    @Test("A poll that is refused once or twice is asked again", arguments: [1, 2])
    func again(times: Int) async throws {
        try await withSimulator { simulator, api in
            let transaction = try await api.startPush(
                .user("push-approve"), device: .auto, deadline: .seconds(10))
            await simulator.cloud.setFault(.status(400, code: 40002), path: path, times: times)
            guard case .waiting(.pushed, _) = try await api.authStatus(transaction, deadline: .seconds(10)) else {
                return fail("no waiting step")
            }
            #expect(await simulator.cloud.count("auth_status") == times + 1)
            // The count begins anew with each call.
            await simulator.cloud.setFault(.status(400, code: 40002), path: path, times: times)
            guard case .allow = try await api.authStatus(transaction, deadline: .seconds(10)) else {
                return fail("not allowed")
            }
        }
    }

    @Test("The third refusal in a row counts")
    func thrice() async throws {
        let unknown = try #require(TransactionID("no-such-transaction"))
        try await withSimulator { simulator, api in
            let error = await failure { () async throws(DuoError) in
                try await api.authStatus(unknown, deadline: .seconds(10))
            }
            guard case .rejected(400, 40002, _, _) = error else { return fail("\(String(describing: error))") }
            #expect(await simulator.cloud.count("auth_status") == 3)
        }
    }

    @Test(
        "Every other refusal counts at once",
        arguments: [
            (Fault.status(400, code: 40001), DuoError?.none), (.status(401, code: 40103), .unauthorized(code: 40103)),
            (.status(500), .unreachable(.serverError(status: 500))),
            (.body(#"{"stat":"FAIL","code":40002,"message":"m"}"#), DuoError?.none),
        ])
    func others(fault: Fault, expected: DuoError?) async throws {
        let id = try #require(TransactionID("t-1"))
        try await withSimulator { simulator, api in
            await simulator.cloud.setFault(fault, path: path, times: 9)
            let error = await failure { () async throws(DuoError) in
                try await api.authStatus(id, deadline: .seconds(10))
            }
            if let expected { #expect(error == expected) }
            #expect(error != nil)
            #expect(await simulator.cloud.count("auth_status") == 1)
        }
    }

    @Test("All polls share the one deadline")
    func deadline() async throws {
        let unknown = try #require(TransactionID("no-such-transaction"))
        try await withSimulator { simulator, api in
            _ = try await api.ping(deadline: .seconds(10))
            // Three refusals would take 2.4 s, each of them less than the deadline.
            await simulator.cloud.setFault(.delay(.milliseconds(800)), path: path, times: 3)
            let error = await failure { () async throws(DuoError) in
                try await api.authStatus(unknown, deadline: .seconds(2))
            }
            #expect(error == .unreachable(.timedOut(.answer)))
        }
    }
}
