import Secrets

/// The calls of one Duo application, of whichever API, as requests that are signed, and answers that are checked.
package struct SignedAPI: Sendable {
    package let host: APIHost
    package let credentials: Credentials
    package let transport: Transport
    package let clock: DuoClock
    package let signatureVersion: SignatureVersion

    package init(
        host: APIHost, credentials: Credentials, transport: Transport, clock: DuoClock,
        signatureVersion: SignatureVersion = .v2
    ) {
        self.host = host
        self.credentials = credentials
        self.transport = transport
        self.clock = clock
        self.signatureVersion = signatureVersion
    }

    /// A request, signed now: a repetition is signed again.
    package func request(
        _ method: Request.Method, _ path: String, _ parameters: Parameters, deadline: Duration,
        signed: Bool = true, delivery: Request.Delivery = .repeatable, accepts: String = "application/json",
        inspectsTLS: Bool = false
    ) throws(DuoError) -> Request {
        let (query, body, format) = parts(method, parameters)
        var headers: [(name: String, value: String)] = []
        if signed {
            let signature = signature(method, path, parameters)
            headers.append((Self.dateHeader, signature.date))
            guard let authorization = signature.authorization(credentials) else { throw .local(.signing) }
            headers.append(("Authorization", authorization))
        }
        return Request(
            method: method, host: host, path: path, parameters: method.hasBody ? body : query, bodyFormat: format,
            accepts: accepts, headers: headers, delivery: delivery, deadline: deadline, inspectsTLS: inspectsTLS)
    }

    /// What a request that is made now is signed with.
    package func signature(_ method: Request.Method, _ path: String, _ parameters: Parameters) -> Signature {
        let (query, body, _) = parts(method, parameters)
        let date = HTTPDate.string(unixTime: clock.now)
        return Signature(
            version: signatureVersion, date: date, method: method.rawValue, host: host.name, path: path,
            parameters: query, body: body, headers: [(Self.dateHeader, date)])
    }

    /// No body reaches the decoder that exceeds `JSONLimits`; where the status alone says what happened, it still does.
    ///
    /// `mostValues`: of a page of a list, which is longer than what a login is told.
    package func envelope(
        _ response: Response, mostValues: Int = JSONLimits.values
    ) throws(DuoError) -> Envelope {
        var response = response
        if !JSONLimits.hold(for: response.body, values: mostValues) {
            guard response.status != 200 else { throw .malformed(what: "JSON beyond all limits") }
            response.body = []
        }
        return try Envelope(response, now: clock.now)
    }

    private static let dateHeader = "X-Duo-Date"

    /// Where the parameters go: what is signed as parameters, and what is the body.
    private func parts(
        _ method: Request.Method, _ parameters: Parameters
    ) -> (query: Secret, body: Secret, format: Request.BodyFormat) {
        switch (method, signatureVersion) {
        case (.get, _), (.delete, _): return (parameters.encoded, Secret(""), .form)
        case (.post, .v2), (.put, .v2), (.patch, .v2):
            let form = parameters.encoded
            return (form, form, .form)
        case (.post, .v5), (.put, .v5), (.patch, .v5): return (Secret(""), parameters.json, .json)
        }
    }
}
