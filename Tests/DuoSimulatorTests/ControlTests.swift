import DuoSimulator
import Foundation
import Testing

@Suite("The control socket", .serialized)
struct ControlTests {
    @Test("Every verb answers")
    func verbs() async throws {
        try await withSimulator { simulator in
            let client = try ControlClient(path: simulator.controlPath)
            let txid = try #require(
                try await simulator.send(
                    .auth("alice", "push", [("async", "1"), ("pushinfo", "a=b"), ("ipaddr", "192.0.2.1")]))["txid"])
            let listed = try #require(try await client.asked(#"{"do":"transactions"}"#)["transactions"]?.array?.first)
            #expect(listed["txid"] == .string(txid))
            #expect(listed["pushinfo"] == "a=b")
            #expect(listed["async"] == true)
            #expect(listed["waiting"] == false)
            #expect(
                try await client.asked(#"{"do":"answer","txid":"next","answer":"approve"}"#)["txid"] == .string(txid))
            #expect(try await client.asked(#"{"do":"auto","answer":"deny","after_ms":0}"#) == ["ok": true])
            #expect(try await simulator.send(.auth("alice", "push"))["result"] == "deny")
            #expect(try await client.asked(#"{"do":"requests"}"#)["requests"]?.array?.count == 2)
            #expect(try await client.asked(#"{"do":"clear_requests"}"#) == ["ok": true])
            #expect(try await client.asked(#"{"do":"requests"}"#)["requests"] == [])
            #expect(try await client.asked(#"{"do":"connections"}"#)["accepted"] == 2)
            let fault = #"{"do":"fault","path":"/auth/v2/ping","kind":"status","status":503,"times":2}"#
            #expect(try await client.asked(fault) == ["ok": true])
            #expect(try await simulator.send(.get("ping")).status == 503)
            #expect(try await client.asked(#"{"do":"clear_faults"}"#) == ["ok": true])
            #expect(try await simulator.send(.get("ping")).status == 200)
            #expect(try await client.asked(#"{"do":"skew","seconds":600}"#) == ["ok": true])
            #expect(try await simulator.send(.get("check")).code == 40105)
            #expect(try await client.asked(#"{"do":"reset"}"#) == ["ok": true])
            #expect(try await client.asked(#"{"do":"transactions"}"#)["transactions"] == [])
            _ = try await simulator.send(.post("enroll", [("username", "carol")]))
            #expect(try await client.asked(#"{"do":"activate","user":"carol"}"#) == ["ok": true])
            #expect(try await simulator.send(.post("preauth", [("username", "carol")]))["result"] == "auth")
            _ = try await simulator.send(.auth("sms", "sms"))
            #expect(try await client.asked(#"{"do":"sms_passcodes","user":"sms"}"#)["passcodes"]?.array?.count == 3)
        }
    }

    @Test("An answer can wait for the push to come")
    func waitForPush() async throws {
        try await withSimulator { simulator in
            let request = #"{"do":"answer","txid":"next","answer":"fraud","wait_ms":30000}"#
            async let answered = ask(request, at: simulator.controlPath)
            let reply = try await simulator.send(.auth("alice", "push"))
            #expect(reply["status"] == "fraud")
            let answer = try await answered
            #expect(answer["ok"] == true)
        }
    }

    /// Blocks, so on a task of its own.
    private func ask(_ request: String, at path: String) async throws -> JSON {
        try await ControlClient(path: path).asked(request)
    }

    private static let mistakes: [(String, String)] = [
        (#"{"do":"answer","txid":"next","answer":"approve"}"#, "no push or call is waiting"),
        (#"{"do":"answer","txid":"x","answer":"approve"}"#, "no transaction x"),
        (#"{"do":"answer","txid":"next","answer":"yes"}"#, "approve, deny, fraud, timeout"),
        (#"{"do":"auto","answer":"yes"}"#, "ignore"),
        (#"{"do":"fault","kind":"status","status":1,"path":"/"}"#, "HTTP status"),
        (#"{"do":"fault","kind":"smoke","path":"/"}"#, "drop_before_answer"),
        (#"{"do":"fault","kind":"garbage"}"#, "\"path\" is missing"),
        (#"{"do":"skew"}"#, "\"seconds\" is missing"),
        (#"{"do":"activate"}"#, "\"user\" is missing"),
        (#"{"do":"activate","user":"nobody"}"#, "no user nobody"),
        (#"{"do":"activate","user":"alice"}"#, "not waiting for a phone"),
        (#"{"do":"dance"}"#, "sms_passcodes"),
        (#"{"do":1}"#, "one JSON object a line"),
        ("nonsense", "one JSON object a line"),
    ]

    @Test("Mistakes get an error that says what to write", arguments: mistakes)
    func errors(line: String, text: String) async throws {
        try await withSimulator { simulator in
            let error = try #require(try await ControlClient(path: simulator.controlPath).asked(line)["error"]?.string)
            #expect(error.contains(text))
        }
    }

    @Test("Only the owner can reach the socket and read the keys")
    func permissions() async throws {
        try await withSimulator { simulator in
            let folder = URL(fileURLWithPath: simulator.controlPath).deletingLastPathComponent()
            for name in ["control.sock", "ca.key", "server.key"] {
                let attributes = try FileManager.default.attributesOfItem(
                    atPath: folder.appendingPathComponent(name).path)
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
            }
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
        }
    }

    @Test("A temporary folder is gone after stop")
    func cleanUp() async throws {
        let path = try await withSimulator { $0.caFile }
        #expect(!FileManager.default.fileExists(atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path))
    }
}
