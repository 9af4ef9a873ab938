import FoundationEssentials

/// Decides whether a request is signed by a key that may sign it, and hands over its decoded parameters.
///
/// 1. Nothing of a request MUST be used before its signature was verified here, except by `ping`.
/// 2. The signature MUST be computed from decoded values only.
package struct RequestVerifier: Sendable {
    package var integrationKey: String
    package var secretKey: String
    package static let adminIntegrationKey = "DIADMINADMINADMINADM"
    package static let adminSecretKey = "adminadminadminadminadminadminadminadmin"
    package static let accountsIntegrationKey = "DIACCOUNTSACCOUNTSAC"
    package static let accountsSecretKey = "accountsaccountsaccountsaccountsaccounts"
    /// Seconds that a request's date may be away from the server's clock.
    static let window = 300

    package init(integrationKey: String, secretKey: String) {
        self.integrationKey = integrationKey
        self.secretKey = secretKey
    }

    /// What an application was made for in the admin panel. A key of another kind signs correctly and is answered 40301.
    package enum Kind: Sendable {
        case auth, admin, accounts
    }

    private func application(_ key: String) -> (kind: Kind, secretKey: String)? {
        switch key {
        case integrationKey: (.auth, secretKey)
        case Self.adminIntegrationKey: (.admin, Self.adminSecretKey)
        case Self.accountsIntegrationKey: (.accounts, Self.accountsSecretKey)
        default: nil
        }
    }

    package func parameters(of request: APIRequest, now: Int) throws(APIFailure) -> Parameters {
        try parameters(of: request, now: now, for: [.auth]).parameters
    }

    /// - Parameters:
    ///   - now: the server's clock in Unix seconds.
    ///   - kinds: those that may use the endpoint.
    func parameters(
        of request: APIRequest, now: Int, for kinds: [Kind]
    ) throws(APIFailure) -> (parameters: Parameters, kind: Kind) {
        let (key, signature) = try credentials(request)
        guard let (kind, secretKey) = application(key) else { throw .badIntegrationKey }
        let date = try date(request, now: now)
        guard let query = Parameters(form: request.query) else { throw .invalid("query string") }
        let type = try contentType(request)
        let form = String(validating: request.body, as: UTF8.self).flatMap { Parameters(form: $0) }
        let canonical = CanonicalRequest(
            date: date, method: request.method, host: try host(request), path: request.path, parameters: query,
            body: request.body, headers: request.headers)
        guard let version = version(of: signature, canonical, form: form, secretKey) else {
            throw type == .form && form == nil ? .invalid("body") : .badSignature
        }
        guard kinds.contains(kind) else { throw .wrongIntegration }
        switch (version, type) {
        case (.v2, .form): return (query.appending(form ?? Parameters()), kind)
        case (.v5, .json): return (query.appending(try jsonParameters(request.body)), kind)
        case (.v2, nil), (.v5, nil): return (query, kind)
        case (.v2, .json), (.v5, .form): throw .badContentType
        }
    }

    private enum ContentType: String {
        case form = "application/x-www-form-urlencoded"
        case json = "application/json"
    }

    /// The version in which `signature` is right, whatever the content type says. nil: in none.
    private func version(
        of signature: String, _ canonical: CanonicalRequest, form: Parameters?, _ secretKey: String
    ) -> CanonicalRequest.Version? {
        var withForm = canonical
        withForm.parameters = canonical.parameters.appending(form ?? Parameters())
        switch signature.utf8.count {
        case 40 where form != nil: return Digest.equal(signature, withForm.sha1(key: secretKey)) ? .v2 : nil
        case 128:
            if form != nil, Digest.equal(signature, withForm.sha512(.v2, key: secretKey)) { return .v2 }
            guard canonical.hasDistinctDuoHeaders else { return nil }
            return Digest.equal(signature, canonical.sha512(.v5, key: secretKey)) ? .v5 : nil
        default: return nil
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

    /// nil: a method without a body.
    private func contentType(_ request: APIRequest) throws(APIFailure) -> ContentType? {
        guard request.method == "POST" else {
            guard request.body.isEmpty else { throw .invalid("body") }
            return nil
        }
        let values = request.values("content-type")
        guard values.count == 1, let type = values.first?.prefix(while: { $0 != ";" }).lowercased(),
            let known = ContentType(rawValue: type)
        else { throw .badContentType }
        return known
    }

    private func jsonParameters(_ body: [UInt8]) throws(APIFailure) -> Parameters {
        guard case .object(let object)? = try? JSON(parsing: body) else { throw .invalid("body") }
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
