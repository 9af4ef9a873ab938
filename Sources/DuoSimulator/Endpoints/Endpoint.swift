/// Every endpoint there is. A new one: a case here, a file with its rules and its answer, a row in `Cloud.answer`.
enum Endpoint: String, CaseIterable, Sendable {
    case ping = "/auth/v2/ping"
    case check = "/auth/v2/check"
    case logo = "/auth/v2/logo"
    case enroll = "/auth/v2/enroll"
    case enrollStatus = "/auth/v2/enroll_status"
    case preauth = "/auth/v2/preauth"
    case auth = "/auth/v2/auth"
    case authStatus = "/auth/v2/auth_status"

    enum Outcome {
        case answer(JSON)
        /// Part of a list, and where the next part begins.
        case page(JSON, metadata: JSON)
        /// A PNG image, outside of any envelope.
        case image([UInt8])
        /// The answer is the step that the closure finds; held until there is one.
        case hold(txid: String, @Sendable (inout Transaction) -> TransactionStep?)
    }

    var methods: [String] {
        switch self {
        case .ping, .check: ["GET", "HEAD"]
        case .logo, .authStatus: ["GET"]
        case .enroll, .enrollStatus, .preauth, .auth: ["POST"]
        }
    }

    var isSigned: Bool { self != .ping }

    var rules: ParameterRules {
        switch self {
        case .ping, .check, .logo: ParameterRules([:])
        case .enroll: Cloud.enrollRules
        case .enrollStatus: Cloud.enrollStatusRules
        case .preauth: Cloud.preauthRules
        case .auth: Cloud.authRules
        case .authStatus: Cloud.authStatusRules
        }
    }

    static func find(method: String, path: String) throws(APIFailure) -> Endpoint {
        guard let endpoint = Endpoint(rawValue: path) else { throw .notFound }
        guard endpoint.methods.contains(method) else { throw .badMethod }
        return endpoint
    }
}
