/// Everything the control socket can do: a closed table.
package enum ControlVerb: String, CaseIterable, Sendable {
    case transactions, answer, activate, auto, requests, connections, fault, skew, reset
    case clearRequests = "clear_requests"
    case clearFaults = "clear_faults"
    case smsPasscodes = "sms_passcodes"

    /// Never fails: what is wrong comes back as an object with `error`.
    static func answer(_ line: [UInt8], from cloud: Cloud) async -> JSON {
        guard let request = try? JSON(parsing: line), let word = request["do"]?.string else {
            return ["error": "write one JSON object a line, such as {\"do\":\"transactions\"}"]
        }
        guard let verb = ControlVerb(rawValue: word) else {
            let known = allCases.map(\.rawValue).sorted().joined(separator: ", ")
            return ["error": .string("unknown do \"\(word)\"; use one of \(known)")]
        }
        do {
            return try await verb.perform(ControlRequest(fields: request), on: cloud)
        } catch {
            return ["error": .string("\(error)")]
        }
    }

    private func perform(_ request: ControlRequest, on cloud: Cloud) async throws -> JSON {
        switch self {
        case .transactions: return ["transactions": try JSON(encoding: await cloud.transactions())]
        case .requests: return ["requests": try JSON(encoding: await cloud.requests())]
        case .connections: return try JSON(encoding: await cloud.connections())
        case .answer: return try await give(request, on: cloud)
        case .activate: try await cloud.activate(user: try request.text("user"))
        case .auto:
            await cloud.setAuto(try request.autoAnswer(), after: try request.milliseconds("after_ms") ?? .zero)
        case .fault:
            await cloud.setFault(
                try request.fault(), path: try request.text("path"), times: try request.number("times") ?? 1)
        case .skew:
            guard let seconds = try request.number("seconds") else { throw ControlError.missing("seconds") }
            await cloud.setSkew(seconds: seconds)
        case .smsPasscodes:
            return ["passcodes": .array(await cloud.smsPasscodes(of: try request.text("user")).map(JSON.string))]
        case .clearRequests: await cloud.clearRequests()
        case .clearFaults: await cloud.clearFaults()
        case .reset: await cloud.reset()
        }
        return ["ok": true]
    }

    private func give(_ request: ControlRequest, on cloud: Cloud) async throws -> JSON {
        let answer = try request.phoneAnswer()
        let txid = try request.text("txid")
        guard txid == "next" else {
            try await cloud.answer(answer, txid: txid)
            return ["ok": true, "txid": .string(txid)]
        }
        let next = try await cloud.waitForTransaction(within: try request.milliseconds("wait_ms") ?? .zero)
        try await cloud.answer(answer, txid: next.txid)
        return ["ok": true, "txid": .string(next.txid)]
    }
}
