/// How a login ends. docs/protocol.md, *VERDICT*.
package struct Verdict: Equatable, Sendable {
    /// No case is 0, and `allow` differs from every other in all four bytes, so that no change of a single byte
    /// turns a refusal into an allow (`WireVectorTests`).
    package enum Result: UInt32, Sendable, CaseIterable {
        /// ALLW: PAM_SUCCESS.
        case allow = 0x414C_4C57
        /// IGNR: PAM_IGNORE.
        case ignore = 0x4947_4E52
        /// RTRY: PAM_AUTH_ERR, a wrong passcode; the host may ask again.
        case retry = 0x5254_5259
        /// DENY: PAM_MAXTRIES or PAM_ABORT; the host must not ask again.
        case deny = 0x4445_4E59
        /// USER: PAM_USER_UNKNOWN.
        case unknown = 0x5553_4552

        /// As logs and records write it.
        package var name: String {
            switch self {
            case .allow: "allow"
            case .ignore: "ignore"
            case .retry: "retry"
            case .deny: "deny"
            case .unknown: "unknown"
            }
        }
    }

    /// The nonce of the BEGIN that is decided.
    package var nonce: [UInt8]
    package var result: Result
    /// A stable word for logs: `[a-z0-9_]`.
    package var reason: String
    /// The daemon's id of this login.
    package var login: String

    package init(nonce: [UInt8], result: Result, reason: String, login: String) {
        self.nonce = nonce
        self.result = result
        self.reason = reason
        self.login = login
    }

    init(_ fields: Fields) throws(WireError) {
        nonce = Array(try fields.bytes(1, count: Begin.nonceSize...Begin.nonceSize))
        guard let result = Result(rawValue: try fields.u32(2)) else { throw .badValue(tag: 2) }
        self.result = result
        reason = try fields.text(3, .reason)
        login = try fields.text(4, .login)
    }

    func write(to writer: inout FieldWriter) throws(WireError) {
        guard nonce.count == Begin.nonceSize else { throw .badValue(tag: 1) }
        writer.put(1, nonce)
        writer.put(2, u32: result.rawValue)
        try writer.put(3, reason, .reason)
        try writer.put(4, login, .login)
    }
}
