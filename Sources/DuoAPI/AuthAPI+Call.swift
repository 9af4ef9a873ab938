import Secrets

extension AuthAPI {
    /// Signs, sends, and sorts what is not a success into `DuoError`.
    func call(
        _ method: Request.Method, _ endpoint: String, _ parameters: Parameters, deadline: Duration,
        signed: Bool = true, delivery: Request.Delivery = .repeatable, inspectsTLS: Bool = false
    ) async throws(DuoError) -> Envelope {
        let path = "/auth/v2/\(endpoint)"
        let encoded = parameters.encoded
        var headers: [(name: String, value: String)] = []
        if signed {
            let date = HTTPDate.string(unixTime: clock.now)
            let signature = Signature(
                date: date, method: method.rawValue, host: host.name, path: path, parameters: encoded)
            guard let authorization = signature.authorization(credentials) else { throw .local(.signing) }
            headers = [("X-Duo-Date", date), ("Authorization", authorization)]
        }
        let response = try await transport.send(
            Request(
                method: method, host: host, path: path, parameters: encoded, headers: headers, delivery: delivery,
                deadline: deadline, inspectsTLS: inspectsTLS))
        return try Envelope(response, now: clock.now)
    }
}
