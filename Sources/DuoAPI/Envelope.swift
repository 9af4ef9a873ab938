import FoundationEssentials

/// The success part of an answer; everything else has become a `DuoError`.
///
/// `{"stat":"OK","response":…}` with HTTP 200, or `{"stat":"FAIL","code":…,"message":…,"message_detail":…}`. `JSONLimits`
/// bound what is decoded, the transport its size.
package struct Envelope {
    package let facts: ConnectionFacts
    private let body: Data

    /// `now` in Unix seconds, for a `Retry-After` that names a date.
    init(_ response: Response, now: Int64) throws(DuoError) {
        facts = response.facts
        body = Data(response.body)
        let failure = try? JSONDecoder().decode(Failure.self, from: body)
        switch response.status {
        case 200:
            guard let failure else { throw .malformed(what: "not Duo's JSON envelope") }
            guard failure.stat == "OK" else { throw failure.rejected(status: 200) }
        case 401: throw .unauthorized(code: failure?.code)
        case 403: throw .forbidden(code: failure?.code)
        case 429: throw .rateLimited(retryAfter: Self.delay(response.retryAfter, now: now))
        case 500...599: throw .unreachable(.serverError(status: response.status))
        case 300...499: throw (failure ?? Failure()).rejected(status: response.status)
        default: throw .malformed(what: "an unexpected HTTP status")
        }
    }

    package func decode<T: Decodable>(_ type: T.Type) throws(DuoError) -> T {
        try decodeWhole(Success<T>.self).response
    }

    /// The document with what stands beside the response, such as the place of the next page.
    package func decodeWhole<T: Decodable>(_ type: T.Type) throws(DuoError) -> T {
        do {
            return try JSONDecoder().decode(type, from: body)
        } catch {
            throw .malformed(what: "the response lacks a field or has one of the wrong type")
        }
    }

    private static func delay(_ text: String?, now: Int64) -> Duration? {
        guard let text else { return nil }
        let seconds = Int64(text) ?? HTTPDate.unixTime(text).map { $0 &- now }
        // A day is longer than anybody waits, and keeps absurd numbers out of everybody's arithmetic.
        return seconds.map { .seconds(min(max($0, 0), 86_400)) }
    }
}

private struct Success<T: Decodable>: Decodable {
    let response: T
}

/// Every field but `stat` may be missing or of another type than promised.
private struct Failure: Decodable {
    var stat = "FAIL"
    var code: Int?
    var message = "no reason given"
    var detail: String?

    init() {}

    private enum CodingKeys: String, CodingKey {
        case stat, code, message
        case detail = "message_detail"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        stat = try fields.decode(String.self, forKey: .stat)
        // A success has none of what follows, and to find that out by an error for each costs more than its own decoding.
        guard stat != "OK" else { return }
        code = try? fields.decode(Int.self, forKey: .code)
        if let message = try? fields.decode(Printable.self, forKey: .message) { self.message = message.text }
        detail = (try? fields.decode(Printable.self, forKey: .detail))?.text
    }

    func rejected(status: Int) -> DuoError {
        .rejected(status: status, code: code, message: message, detail: detail)
    }
}
