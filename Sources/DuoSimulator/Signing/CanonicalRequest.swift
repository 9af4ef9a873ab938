/// The lines that a Duo signature covers, made from decoded parts (never copied from the wire).
package struct CanonicalRequest: Sendable {
    package enum Version: Sendable {
        /// date, method, host, path, parameters
        case v2
        /// the same with the query's parameters only, then the hashes of the body and of the `x-duo-` headers
        case v5
    }

    package var date: String
    package var method: String
    package var host: String
    package var path: String
    package var parameters: Parameters
    package var body: [UInt8]
    /// Names as sent; others than `x-duo-…` are ignored.
    package var headers: [(name: String, value: String)]

    package init(
        date: String, method: String, host: String, path: String, parameters: Parameters, body: [UInt8] = [],
        headers: [(name: String, value: String)] = []
    ) {
        self.date = date
        self.method = method
        self.host = host
        self.path = path
        self.parameters = parameters
        self.body = body
        self.headers = headers
    }

    package func text(_ version: Version) -> String {
        var lines = [date, method.uppercased(), host.lowercased(), path, parameters.canonical]
        switch version {
        case .v2: break
        case .v5: lines += [Digest.sha512(body), Digest.sha512(headerBytes)]
        }
        return lines.joined(separator: "\n")
    }

    package func sha1(key: String) -> String { Digest.hmac(.sha1, key: key, message: text(.v2)) }

    package func sha512(_ version: Version, key: String) -> String {
        Digest.hmac(.sha512, key: key, message: text(version))
    }

    /// Version 5 signs one value for each name.
    var hasDistinctDuoHeaders: Bool {
        let names = headers.map { $0.name.lowercased() }.filter { $0.hasPrefix("x-duo-") }
        return Set(names).count == names.count
    }

    /// `name NUL value NUL name NUL value`, names in lower case and sorted.
    private var headerBytes: [UInt8] {
        headers
            .map { (name: $0.name.lowercased(), value: $0.value) }
            .filter { $0.name.hasPrefix("x-duo-") }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            .map { Array($0.name.utf8) + [0] + Array($0.value.utf8) }
            .joined(separator: [0])
            .map(\.self)
    }
}
