import DuoSimulator
import Foundation
import Testing

/// One request of a client, to be signed and sent, and what may be wrong about it on purpose.
struct Call: Sendable, CustomTestStringConvertible {
    enum Signature: Sendable {
        case v2SHA512, v2SHA1, v5
    }

    var method: String
    var path: String
    var parameters: [(String, String)]
    var signature = Signature.v2SHA512
    var integrationKey = SimulatorOptions().integrationKey
    var secretKey = SimulatorOptions().secretKey
    var host = "localhost"
    /// Seconds by which this client's clock is wrong.
    var clockOffset = 0
    var dateHeader = "Date"
    var contentType: String?
    var extraHeaders: [(String, String)] = []

    static func get(_ path: String, _ parameters: [(String, String)] = []) -> Call {
        Call(method: "GET", path: "/auth/v2/" + path, parameters: parameters)
    }

    static func post(_ path: String, _ parameters: [(String, String)]) -> Call {
        Call(method: "POST", path: "/auth/v2/" + path, parameters: parameters)
    }

    static func auth(_ user: String, _ factor: String, _ more: [(String, String)] = []) -> Call {
        let device = factor == "passcode" ? [] : [("device", "auto")]
        return .post("auth", [("username", user), ("factor", factor)] + device + more)
    }

    func with(_ change: (inout Call) -> Void) -> Call {
        var copy = self
        change(&copy)
        return copy
    }

    var testDescription: String {
        "\(method) \(path) \(parameters.map { "\($0)=\($1.prefix(40))" }.joined(separator: "&"))"
    }

    var query: String { method == "POST" ? "" : Parameters(parameters).canonical }

    var body: String {
        guard method == "POST" else { return "" }
        guard signature == .v5 else { return Parameters(parameters).canonical }
        return JSON.object(Dictionary(uniqueKeysWithValues: parameters.map { ($0, JSON.string($1)) })).line
    }

    /// Everything but the Host, which the carrier adds.
    var headers: [(name: String, value: String)] {
        let date = MailDate.text(Int(Date().timeIntervalSince1970) + clockOffset)
        var headers: [(name: String, value: String)] = [(dateHeader, date)]
        headers += extraHeaders.map { ($0.0, $0.1) }
        if method == "POST" {
            let usual = signature == .v5 ? "application/json" : "application/x-www-form-urlencoded"
            headers.append(("Content-Type", contentType ?? usual))
        }
        let canonical = CanonicalRequest(
            date: date, method: method, host: host, path: path,
            parameters: method == "POST" && signature == .v5 ? Parameters() : Parameters(parameters),
            body: Array(body.utf8), headers: headers)
        let digest =
            switch signature {
            case .v2SHA1: canonical.sha1(key: secretKey)
            case .v2SHA512: canonical.sha512(.v2, key: secretKey)
            case .v5: canonical.sha512(.v5, key: secretKey)
            }
        let credentials = Data("\(integrationKey):\(digest)".utf8).base64EncodedString()
        headers.append(("Authorization", "Basic " + credentials))
        return headers
    }

    /// The request as the server sees it once HTTP and TLS are off.
    var request: APIRequest {
        APIRequest(
            connection: 1, method: method, path: path, query: query, headers: headers + [("Host", host)],
            body: Array(body.utf8), reads: 1)
    }
}
