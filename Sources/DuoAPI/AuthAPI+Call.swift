import Secrets

extension AuthAPI {
    /// Signs, sends, and sorts what is not a success into `DuoError`.
    func call(
        _ method: Request.Method, _ endpoint: String, _ parameters: Parameters, deadline: Duration,
        signed: Bool = true, delivery: Request.Delivery = .repeatable, inspectsTLS: Bool = false
    ) async throws(DuoError) -> Envelope {
        let response = try await send(
            method, endpoint, parameters, deadline: deadline, signed: signed, delivery: delivery,
            inspectsTLS: inspectsTLS)
        return try Envelope(response, now: clock.now)
    }

    /// Signs and sends; the answer may be anything.
    func send(
        _ method: Request.Method, _ endpoint: String, _ parameters: Parameters, deadline: Duration,
        signed: Bool = true, delivery: Request.Delivery = .repeatable, accepts: String = "application/json",
        inspectsTLS: Bool = false
    ) async throws(DuoError) -> Response {
        let path = "/auth/v2/\(endpoint)"
        let (query, body, format) = parts(method, parameters)
        var headers: [(name: String, value: String)] = []
        if signed {
            let date = HTTPDate.string(unixTime: clock.now)
            headers.append(("X-Duo-Date", date))
            let signature = Signature(
                version: signatureVersion, date: date, method: method.rawValue, host: host.name, path: path,
                parameters: query, body: body, headers: headers)
            guard let authorization = signature.authorization(credentials) else { throw .local(.signing) }
            headers.append(("Authorization", authorization))
        }
        return try await transport.send(
            Request(
                method: method, host: host, path: path, parameters: method == .get ? query : body, bodyFormat: format,
                accepts: accepts, headers: headers, delivery: delivery, deadline: deadline, inspectsTLS: inspectsTLS))
    }

    /// Where the parameters go: what is signed as parameters, and what is the body of a POST.
    private func parts(
        _ method: Request.Method, _ parameters: Parameters
    ) -> (query: Secret, body: Secret, format: Request.BodyFormat) {
        switch (method, signatureVersion) {
        case (.get, _): return (parameters.encoded, Secret(""), .form)
        case (.post, .v2):
            let form = parameters.encoded
            return (form, form, .form)
        case (.post, .v5): return (Secret(""), parameters.json, .json)
        }
    }
}
