import DuoAPI
import FoundationEssentials

/// What `duet check` found: the same value for people and for machines.
struct CheckReport: Encodable {
    enum Result: String, Codable {
        case ok
        case warn
        case fail
    }

    struct Item: Encodable {
        let result: Result
        let name: String
        let text: String
    }

    private(set) var ok = true
    /// Duo's clock minus this host's, seconds.
    var clockOffset: Int64?
    /// Milliseconds.
    var roundTrip: Double?
    private(set) var items: [Item] = []

    mutating func add(_ result: Result, _ name: String, _ text: String) {
        items.append(Item(result: result, name: name, text: text))
        if result == .fail { ok = false }
    }

    var status: ExitStatus {
        if !ok { return .down }
        return items.contains { $0.result == .warn } ? .degraded : .healthy
    }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    var text: String {
        let width = items.map(\.name.count).max() ?? 0
        return items.map { item in
            let name = item.name + String(repeating: " ", count: width - item.name.count)
            let result = Self.word(item.result)
            let margin = "\n" + String(repeating: " ", count: width + 8)
            return "\(result)  \(name)  " + item.text.replacing("\n", with: margin)
        }.joined(separator: "\n")
    }
}

extension CheckReport {
    private static func word(_ result: Result) -> String {
        switch result {
        case .ok: Paint.green("ok  ")
        case .warn: Paint.yellow("warn")
        case .fail: Paint.red("fail")
        }
    }
}

/// The sentences of `duet check`.
enum CheckText {
    static func reached(_ host: APIHost, _ facts: ConnectionFacts) -> String {
        "\(host) at \(facts.remoteAddress): name in \(milliseconds(facts.lookup)) ms, "
            + "TCP in \(milliseconds(facts.connect - facts.lookup)) ms, "
            + "TLS in \(milliseconds(facts.handshake - facts.connect)) ms, answer after \(milliseconds(facts.total)) ms"
    }

    static func tls(_ tls: TLSFacts, days: Int64?) -> String {
        let expiry = days.map { ", certificate valid for \($0) more days" } ?? ""
        let issuer = tls.certificateIssuer.map { ", issued by \($0)" } ?? ""
        return "\(tls.version), \(tls.cipher)\(expiry)\(issuer)"
    }

    static func clock(_ offset: Int64) -> String {
        switch abs(offset) {
        case 0...1: "this host's clock and Duo's agree"
        case 2..<30: "this host's clock is \(abs(offset)) s \(offset > 0 ? "behind" : "ahead of") Duo's"
        default:
            "this host's clock is \(abs(offset)) s \(offset > 0 ? "behind" : "ahead of") Duo's: "
                + "Duet corrects for it, but set it right, best with NTP"
        }
    }

    /// With one digit after the point.
    static func milliseconds(_ duration: Duration) -> Double {
        (max(0, duration / .milliseconds(1)) * 10).rounded() / 10
    }
}
