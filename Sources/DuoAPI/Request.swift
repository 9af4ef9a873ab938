package import Secrets

/// One HTTPS request as the transport takes it.
package struct Request: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"

        /// The parameters are the body; otherwise they are the query.
        package var hasBody: Bool {
            switch self {
            case .post, .put, .patch: true
            case .get, .delete: false
            }
        }
    }

    /// What a body carries.
    package enum BodyFormat: String, Sendable {
        case form = "application/x-www-form-urlencoded"
        case json = "application/json"
    }

    /// How often the request may leave this host.
    package enum Delivery: Sendable {
        /// Once, whatever happens: a second copy could be a second push.
        case once
        /// Again, once, when the connection dies before an answer.
        case repeatable
    }

    package let method: Method
    package let host: APIHost
    /// Percent-encoded, without query.
    package let path: String
    /// Query or body, as `Method.hasBody` says.
    package let parameters: Secret
    package let bodyFormat: BodyFormat
    /// The media type of the answer.
    package let accepts: String
    package let headers: [(name: String, value: String)]
    package let delivery: Delivery
    /// From the call to the last byte of the answer, second goes included.
    package let deadline: Duration
    /// Fills `ConnectionFacts.tls`.
    package let inspectsTLS: Bool

    /// More than anybody waits, and far from where clocks overflow.
    static let longestDeadline = Duration.seconds(86_400)

    package init(
        method: Method, host: APIHost, path: String, parameters: Secret, bodyFormat: BodyFormat = .form,
        accepts: String = "application/json", headers: [(name: String, value: String)] = [],
        delivery: Delivery, deadline: Duration, inspectsTLS: Bool = false
    ) {
        self.method = method
        self.host = host
        self.path = path
        self.parameters = parameters
        self.bodyFormat = bodyFormat
        self.accepts = accepts
        self.headers = headers
        self.delivery = delivery
        self.deadline = deadline
        self.inspectsTLS = inspectsTLS
    }
}

/// What came back, whatever the status.
package struct Response: Sendable {
    package let status: Int
    /// `Retry-After` or `X-Retry-After`, as sent.
    package let retryAfter: String?
    package internal(set) var body: [UInt8]
    package let facts: ConnectionFacts
}
