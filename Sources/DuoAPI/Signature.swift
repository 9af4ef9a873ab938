import FoundationEssentials
package import Secrets

/// Duo's request signature with HMAC-SHA512.
///
/// Lines joined by LF and without one at the end. Version 2: date, method, host, path, parameters. Version 5 adds the
/// SHA-512 of the body and that of the `X-Duo-` headers.
package struct Signature: Sendable {
    package let version: SignatureVersion
    /// The very characters of the `X-Duo-Date` header.
    package let date: String
    package let method: String
    /// Without port.
    package let host: String
    /// As sent, percent-encoded as sent, without query.
    package let path: String
    /// `Parameters.encoded`: the query of a GET, in version 2 the form of a POST. Empty for a POST of version 5.
    package let parameters: Secret
    /// The bytes of the body, signed by version 5 only; empty for a GET.
    package let body: Secret
    /// Signed by version 5 only, and of them only those whose names begin with `X-Duo-`.
    package let headers: [(name: String, value: String)]

    package init(
        version: SignatureVersion = .v2, date: String, method: String, host: String, path: String, parameters: Secret,
        body: Secret = Secret(""), headers: [(name: String, value: String)] = []
    ) {
        self.version = version
        self.date = date
        self.method = method.uppercased()
        self.host = host.lowercased()
        self.path = path
        self.parameters = parameters
        self.body = body
        self.headers = headers
    }

    /// What is signed. A `Secret`, because the parameters may hold a passcode. Nil as in `Digest`.
    package var canonical: Secret? {
        guard let end = hashes else { return nil }
        let start = "\(date)\n\(method)\n\(host)\n\(path)\n"
        var bytes: [UInt8] = []
        // Once and for all, so that growing leaves no copy behind.
        bytes.reserveCapacity(start.utf8.count + parameters.count + end.utf8.count)
        bytes += start.utf8
        parameters.withBytes { bytes += $0 }
        bytes += end.utf8
        defer { bytes.wipe() }
        return Secret(bytes: bytes)
    }

    /// 128 lower-case hex digits; nil as in `Digest`.
    package func hex(key: Secret) -> String? {
        canonical.flatMap { Digest.hmac(key: key, $0) }
    }

    /// The value of the `Authorization` header.
    package func authorization(_ credentials: Credentials) -> String? {
        hex(key: credentials.secretKey).map { digest in
            "Basic " + Data("\(credentials.integrationKey):\(digest)".utf8).base64EncodedString()
        }
    }

    /// Lines six and seven, where the version has them.
    private var hashes: String? {
        switch version {
        case .v2: return ""
        case .v5:
            guard let body = Digest.sha512(body), let headers = Digest.sha512(signedHeaders) else { return nil }
            return "\n\(body)\n\(headers)"
        }
    }

    /// `name NUL value NUL name NUL value`, names in lower case and sorted.
    private var signedHeaders: Secret {
        let own = headers.map { (name: $0.name.lowercased(), value: $0.value) }
            .filter { $0.name.hasPrefix("x-duo-") }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return Secret(own.map { "\($0.name)\0\($0.value)" }.joined(separator: "\0"))
    }
}
