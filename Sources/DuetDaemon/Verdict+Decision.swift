import DuetLogin
import DuetWire

extension Verdict {
    /// The one place where a decision becomes what the module acts on.
    ///
    /// 1. MUST say `allow` for `Decision.allow` and for nothing else, and `ignore` for `Decision.ignore`.
    /// 2. MUST NOT have a `default`: a new decision has to be thought about here.
    /// Held by `VerdictTests`.
    init(_ decision: Decision, nonce: [UInt8], login: String) {
        switch decision {
        case .allow(let reason):
            self.init(nonce: nonce, result: .allow, reason: reason.rawValue, login: login)
        case .ignore(let reason):
            self.init(nonce: nonce, result: .ignore, reason: reason.rawValue, login: login)
        case .retry(let reason):
            self.init(nonce: nonce, result: .retry, reason: reason.rawValue, login: login)
        case .deny(let reason):
            self.init(nonce: nonce, result: .deny, reason: reason.rawValue, login: login)
        case .unknownUser:
            self.init(nonce: nonce, result: .unknown, reason: "user_unknown", login: login)
        }
    }
}
