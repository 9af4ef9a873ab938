/// How one request to Duo went, for whoever counts them.
package struct CallObservation: Sendable {
    /// `preauth`, `auth`, `ping` …
    package let endpoint: String
    package let duration: Duration
    /// Nil: Duo answered with a success.
    package let error: DuoError?

    package init(endpoint: String, duration: Duration, error: DuoError?) {
        self.endpoint = endpoint
        self.duration = duration
        self.error = error
    }
}

extension DuoError {
    /// One word of a closed set: what a counter can be labelled with.
    package var word: String {
        switch self {
        case .unreachable(.dns): "dns"
        case .unreachable(.connect): "connect"
        case .unreachable(.timedOut): "timeout"
        case .unreachable(.connectionLost): "connection_lost"
        case .unreachable(.serverError): "server_error"
        case .unreachable(.proxy): "proxy"
        case .certificate: "certificate"
        case .unauthorized: "unauthorized"
        case .forbidden: "forbidden"
        case .rateLimited: "rate_limited"
        case .rejected: "rejected"
        case .malformed, .tooLarge: "malformed"
        case .invalidParameter: "invalid_parameter"
        case .cancelled, .shutDown: "cancelled"
        case .local: "local"
        }
    }
}
