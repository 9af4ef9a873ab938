import DuoAPI
package import Secrets

extension AdminAPI {
    /// Of a user, or of all.
    package func bypassCodes(
        userID: String? = nil, limit: Int? = nil, progress: @Sendable (Int, Int?) -> Void = { _, _ in }
    ) async throws(AdminError) -> [BypassCode] {
        var path = "/admin/v1/bypass_codes"
        if let userID { path = "/admin/v1/users/\(try Self.segment(userID, "user"))/bypass_codes" }
        return try await list(path, [], limit: limit, progress) { (json) throws(AdminError) in try BypassCode(json) }
    }

    package func bypassCode(_ id: String) async throws(AdminError) -> BypassCode {
        let path = "/admin/v1/bypass_codes/\(try Self.segment(id, "bypass code"))"
        return try BypassCode(try await send(APICall(.get, path)).response)
    }

    package static func deleteBypassCode(_ id: String) throws(AdminError) -> APICall {
        APICall(.delete, "/admin/v1/bypass_codes/\(try segment(id, "bypass code"))")
    }

    package static func createBypassCodes(userID: String, _ codes: NewBypassCodes) throws(AdminError) -> APICall {
        let path = "/admin/v1/users/\(try segment(userID, "user"))/bypass_codes"
        return APICall(.post, path, try codes.parameters())
    }

    /// The answer to `createBypassCodes`: the only time that Duo tells the codes.
    package func codes(_ call: APICall) async throws(AdminError) -> [Secret] {
        try await envelope(call, [Secret].self) { (envelope) throws(DuoError) in
            let codes = try envelope.decode([SecretText].self).map(\.secret)
            let areCodes = codes.allSatisfy { code in
                (1...64).contains(code.count) && code.withBytes { $0.allSatisfy(Self.isLetterOrDigit) }
            }
            guard areCodes else { throw .malformed(what: "a bypass code that is none") }
            return codes
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
