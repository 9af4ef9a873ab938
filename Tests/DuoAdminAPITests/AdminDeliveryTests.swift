import DuoSimulator
import Testing

@testable import DuoAPI
@testable import DuoAdminAPI

@Suite("How often a call leaves this host")
struct AdminDeliveryTests {
    private static let path = "/admin/v1/users"
    private static let write = APICall(.post, path, [("username", "new")])

    @Test(
        "A write that may have been carried out is never sent again",
        arguments: [
            Fault.dropBeforeAnswer, .status(500), .status(502), .status(503), .body("no JSON"),
        ])
    func once(fault: Fault) async throws {
        try await withSimulator { simulator, admin in
            await simulator.cloud.setFault(fault, path: Self.path, times: 1)
            let error = await #expect(throws: AdminError.self) { try await admin.send(Self.write) }
            guard case .outcomeUnknown = error else { return fail("\(String(describing: error))") }
            #expect(error?.explanation(host: admin.host, kind: .admin).contains("may have been carried out") == true)
            let count = await simulator.cloud.requests().count
            #expect(count == 1)
        }
    }

    @Test("A refusal says that nothing was done")
    func refused() async throws {
        try await withSimulator { _, admin in
            let error = await #expect(throws: AdminError.self) {
                try await admin.send(APICall(.post, Self.path, [("username", "alice")]))
            }
            guard case .duo(.rejected(400, 40002, _, _)) = error else {
                return fail("\(String(describing: error))")
            }
        }
    }

    @Test("After 429 a call goes again, a write too", arguments: [APICall(.get, path), write])
    func limited(call: APICall) async throws {
        try await withSimulator { simulator, admin in
            await simulator.cloud.setFault(.status(429), path: Self.path, times: 1)
            _ = try await admin.send(call)
            let count = await simulator.cloud.requests().count
            #expect(count == 2)
        }
    }

    @Test(
        "What only asks goes again when a gateway fails or the connection dies",
        arguments: [
            Fault.status(503), .dropBeforeAnswer,
        ])
    func repeated(fault: Fault) async throws {
        try await withSimulator { simulator, admin in
            await simulator.cloud.setFault(fault, path: Self.path, times: 1)
            let users = try await admin.users(limit: 1)
            #expect(users.count == 1)
        }
    }

    @Test(
        "What could change a request's shape is refused before it is sent",
        arguments: [
            APICall(.get, "/admin/v1/users?x=1"), APICall(.get, "/admin/../auth/v2/check"),
            APICall(.get, "admin/v1/users"),
            APICall(.get, "/admin/v1/u sers"), APICall(.get, "/admin/v1/users\r\nX: y"),
            APICall(.get, path, [("", "x")]),
            APICall(.get, path, [("a\u{1b}", "x")]), APICall(.get, path, [("a", "x\u{0}")]),
            APICall(.get, path, [("a", String(repeating: "x", count: 5000))]),
            APICall(.post, path, [("a", String(repeating: "x", count: 70_000))]),
        ])
    func shapes(call: APICall) async throws {
        try await withSimulator { simulator, admin in
            await #expect(throws: AdminError.self) { try await admin.send(call) }
            let count = await simulator.cloud.requests().count
            #expect(count == 0)
        }
    }

    @Test("An id that is none stands in no path", arguments: ["", "DU/../x", "DU x", "DU%2f", "é"])
    func ids(id: String) {
        #expect(throws: AdminError.self) { try AdminAPI.deleteUser(id) }
        #expect(throws: AdminError.self) { try AdminAPI.dissociate(phoneID: "DPX", userID: id) }
        #expect(throws: AdminError.self) { try AdminAPI.deliver(.smsPasscodes, phoneID: id) }
    }
}
