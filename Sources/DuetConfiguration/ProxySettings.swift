package import Secrets

/// `http://host:port` or `http://user:password@host:port`: the HTTP proxy that opens a tunnel to Duo.
package struct ProxySettings: Sendable {
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    package let host: String
    package let port: UInt16
    package let user: Secret?
    package let password: Secret?

    /// What is wrong with a URL, without any part of it: it may hold a password.
    enum Fault: String, Error {
        case scheme = "must begin with http://: TLS to Duo goes through the proxy, not to it"
        case port = "needs a port at its end, as in http://proxy.example.org:3128"
        case host = "names no host, or one that is not sound"
        case credentials = "has a user or password that is not sound: write %XX for : @ / and %"
    }

    /// `url` in UTF-8. The copies of it that are made here live no longer than this call.
    init(url: Secret) throws(Fault) {
        guard let text = url.withBytes({ String(validating: $0, as: UTF8.self) }) else { throw .host }
        guard text.lowercased().hasPrefix("http://") else { throw .scheme }
        var rest = text.dropFirst("http://".count)
        if rest.hasSuffix("/") { rest.removeLast() }
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let user = Self.decoded(parts[0]), user.count > 0,
                let password = Self.decoded(parts.count == 2 ? parts[1] : ""),
                // Basic authentication ends the name at the first colon.
                !user.withBytes({ $0.contains(UInt8(ascii: ":")) })
            else { throw .credentials }
            (self.user, self.password) = (user, password)
            rest = rest[rest.index(after: at)...]
        } else {
            (user, password) = (nil, nil)
        }
        guard let colon = rest.lastIndex(of: ":"), rest.last != "]" else { throw .port }
        let digits = rest[rest.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits), port > 0 else {
            throw .port
        }
        let host = rest[..<colon]
        guard
            NameForm.host.holds(for: host)
                || (host.first == "[" && host.last == "]" && NameForm.addressV6.holds(for: host.dropFirst().dropLast()))
        else { throw .host }
        self.host = host.lowercased()
        self.port = port
    }

    /// Nil for a broken `%XX`, for control characters, and for more than 255 bytes.
    private static func decoded(_ text: Substring) -> Secret? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }),
                let low = rest.popFirst().flatMap({ Character(Unicode.Scalar($0)).hexDigitValue })
            else { return nil }
            bytes.append(UInt8(high * 16 + low))
        }
        guard bytes.count <= 255, bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        return Secret(bytes: bytes)
    }
}

extension ProxySettings: CustomStringConvertible {
    /// Says that there are credentials and does not show them.
    package var description: String { "http://\(user == nil ? "" : "<redacted>@")\(host):\(port)" }
}
