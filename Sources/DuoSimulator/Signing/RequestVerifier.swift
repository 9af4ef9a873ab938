import FoundationEssentials

/// Decides whether a request is signed by the one key that may sign it, and hands over its decoded parameters.
///
/// 1. Nothing of a request MUST be used before its signature was verified here, except by `ping`.
/// 2. The signature MUST be computed from decoded values only.
package struct RequestVerifier: Sendable {
    package var integrationKey: String
    package var secretKey: String
    /// Signs correctly, but belongs to another kind of application: 40301.
    package static let adminIntegrationKey = "DIADMINADMINADMINADM"
    /// Seconds that a request's date may be away from the server's clock.
    static let window = 300

    package init(integrationKey: String, secretKey: String) {
        self.integrationKey = integrationKey
        self.secretKey = secretKey
    }

    /// - Parameter now: the server's clock in Unix seconds.
    package func parameters(of request: APIRequest, now: Int) throws(APIFailure) -> Parameters {
        let (key, signature) = try credentials(request)
        guard key == integrationKey || key == Self.adminIntegrationKey else { throw .badIntegrationKey }
        let date = try date(request, now: now)
        guard let query = Parameters(form: request.query) else { throw .invalid("query string") }
        let content = try content(request)
        let signed =
            switch content {
            case .none: query
            case .form(let form): Parameters(query.pairs.map(\.asTuple) + form.pairs.map(\.asTuple))
            case .json: query
            }
        let canonical = CanonicalRequest(
            date: date, method: request.method, host: try host(request), path: request.path, parameters: signed,
            body: request.body, headers: request.headers)
        guard accepts(signature, canonical, content) else { throw .badSignature }
        guard key == integrationKey else { throw .wrongIntegration }
        switch content {
        case .none, .form: return signed
        case .json(let json): return Parameters(query.pairs.map(\.asTuple) + json.pairs.map(\.asTuple))
        }
    }

    private enum Content {
        case none
        case form(Parameters)
        case json(Parameters)
    }

    private func accepts(_ signature: String, _ canonical: CanonicalRequest, _ content: Content) -> Bool {
        switch (signature.utf8.count, content) {
        case (40, .none), (40, .form): Digest.equal(signature, canonical.sha1(key: secretKey))
        case (128, .form): Digest.equal(signature, canonical.sha512(.v2, key: secretKey))
        case (128, .json): Digest.equal(signature, canonical.sha512(.v5, key: secretKey))
        case (128, .none):
            Digest.equal(signature, canonical.sha512(.v2, key: secretKey))
                || Digest.equal(signature, canonical.sha512(.v5, key: secretKey))
        default: false
        }
    }

    private func credentials(_ request: APIRequest) throws(APIFailure) -> (key: String, signature: String) {
        let values = request.values("authorization")
        guard values.count == 1, values[0].hasPrefix("Basic "),
            let data = Data(base64Encoded: String(values[0].dropFirst(6))),
            let text = String(validating: data, as: UTF8.self), let colon = text.firstIndex(of: ":")
        else { throw .missingCredentials }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }

    private func date(_ request: APIRequest, now: Int) throws(APIFailure) -> String {
        let duo = request.values("x-duo-date")
        let dates = duo.isEmpty ? request.values("date") : duo
        guard let date = dates.first else { throw .missingDate }
        guard dates.count == 1, let seconds = MailDate.seconds(date), abs(seconds - now) <= Self.window else {
            throw .badDate
        }
        return date
    }

    /// Line 3 of the signature: the host the client spoke to, without its port.
    private func host(_ request: APIRequest) throws(APIFailure) -> String {
        let values = request.values("host")
        guard values.count == 1, let host = values.first else { throw .badSignature }
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") { return String(host[...end]) }
        return String(host.prefix { $0 != ":" })
    }

    private func content(_ request: APIRequest) throws(APIFailure) -> Content {
        guard request.method == "POST" else {
            guard request.body.isEmpty else { throw .invalid("body") }
            return .none
        }
        let values = request.values("content-type")
        let type = values.first?.prefix { $0 != ";" }.lowercased()
        guard values.count == 1, let type else { throw .badContentType }
        switch type {
        case "application/x-www-form-urlencoded":
            guard let text = String(validating: request.body, as: UTF8.self), let form = Parameters(form: text) else {
                throw .invalid("body")
            }
            return .form(form)
        case "application/json":
            guard case .object(let object)? = try? JSON(parsing: request.body) else { throw .invalid("body") }
            return .json(try parameters(object))
        default:
            throw .badContentType
        }
    }

    private func parameters(_ object: [String: JSON]) throws(APIFailure) -> Parameters {
        var pairs: [(String, String)] = []
        for (name, value) in object {
            switch value {
            case .string(let text): pairs.append((name, text))
            case .int(let number): pairs.append((name, "\(number)"))
            case .bool(let bool): pairs.append((name, bool ? "1" : "0"))
            case .null, .double, .array, .object: throw .invalid(name)
            }
        }
        return Parameters(pairs)
    }
}

extension Parameters.Pair {
    var asTuple: (String, String) { (name, value) }
}
