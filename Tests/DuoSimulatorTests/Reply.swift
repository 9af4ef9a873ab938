import DuoSimulator
import Foundation

/// What came back for a call.
struct Reply: Sendable {
    var status: Int
    var json: JSON

    var response: JSON? { json["response"] }
    var code: Int? { json["code"]?.int }
    var detail: String? { json["message_detail"]?.string }

    subscript(_ key: String) -> String? { response?[key]?.string }
}

extension Cloud {
    /// A call without a network: the same code from the first check on.
    func reply(to call: Call) async throws -> Reply {
        guard case .answer(let status, let body) = await respond(to: call.request) else { throw NoAnswer() }
        return Reply(status: status, json: try JSON(parsing: body))
    }
}

struct NoAnswer: Error {}

extension Simulator {
    /// Sends the calls one after the other over one connection, with curl.
    func send(_ calls: [Call]) async throws -> [Reply] {
        let groups = calls.map { call in
            var lines = [
                "url = \"https://\(apiHost)\(call.path)\(call.query.isEmpty ? "" : "?" + call.query)\"",
                "cacert = \"\(caFile)\"", "noproxy = \"*\"", "silent", "max-time = 60",
                "write-out = \"\\u001e%{http_code}\\u001f\"",
            ]
            lines += call.headers.map { "header = \"\($0.name): \($0.value)\"" }
            if call.method == "POST" {
                lines.append("data-raw = \"\(call.body.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"")
            }
            return lines.joined(separator: "\n")
        }
        let config = groups.joined(separator: "\nnext\n")
            .replacing("\\u001e", with: "\u{1e}").replacing("\\u001f", with: "\u{1f}")
        let output = try await Tool.run(["curl", "--config", "-"], input: config)
        return try String(decoding: output, as: UTF8.self).split(separator: "\u{1f}").map { answer in
            let parts = answer.split(separator: "\u{1e}", omittingEmptySubsequences: false)
            guard parts.count == 2, let status = Int(parts[1]) else { throw NoAnswer() }
            return Reply(status: status, json: (try? JSON(parsing: parts[0].utf8)) ?? .null)
        }
    }

    func send(_ call: Call) async throws -> Reply {
        guard let reply = try await send([call]).first else { throw NoAnswer() }
        return reply
    }
}

/// A fresh simulator for the time of a test.
func withSimulator<Result: Sendable>(
    _ options: SimulatorOptions = .init(), _ body: (Simulator) async throws -> Result
) async throws -> Result {
    let simulator = try await Simulator.start(options)
    do {
        let result = try await body(simulator)
        try await simulator.stop()
        return result
    } catch {
        try await simulator.stop()
        throw error
    }
}

/// A cloud without a network on a clock that the test moves.
func makeCloud(
    _ directory: UserDirectory = .standard, clock: ManualClock = ManualClock(), statusPolls: StatusPolls = .everyStep
) -> Cloud {
    let options = SimulatorOptions()
    return Cloud(
        directory: directory,
        verifier: RequestVerifier(integrationKey: options.integrationKey, secretKey: options.secretKey),
        pushTimeout: .seconds(60), statusPolls: statusPolls, timeline: Timeline(clock),
        wallClock: { Int(Date().timeIntervalSince1970) })
}
