/// One request as it arrived and how it was answered.
package struct RequestRecord: Sendable, Equatable, Codable {
    /// Number of the connection, counted from 1.
    package var connection: Int
    package var method: String
    package var path: String
    /// Decoded; passcodes are redacted. Empty when the request was refused before they were known.
    package var parameters: [String: String]
    /// nil while the request is held, and for ever if it never got an answer.
    package var status: Int?
    /// Duo's code of a failure.
    package var code: Int?
    /// TLS application records that the request came in: one for each write of the client.
    package var reads: Int
    package var durationMS: Int?

    enum CodingKeys: String, CodingKey {
        case connection, method, path, parameters, status, code, reads
        case durationMS = "duration_ms"
    }
}
