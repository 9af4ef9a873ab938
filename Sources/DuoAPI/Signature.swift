import COpenSSL
import FoundationEssentials
package import Secrets

/// Duo's request signature, version 2 with HMAC-SHA512.
///
/// Five lines, joined by LF and without one at the end: date, method, host, path, parameters. Version 5, which the
/// JSON endpoints of the Admin API want, adds two lines; it gets its own type beside this one when they come.
package struct Signature: Sendable {
    /// The very characters of the `X-Duo-Date` header.
    package let date: String
    package let method: String
    /// Without port.
    package let host: String
    /// As sent, percent-encoded as sent, without query.
    package let path: String
    /// `Parameters.encoded`: the query of a GET, the form of a POST.
    package let parameters: Secret

    package init(date: String, method: String, host: String, path: String, parameters: Secret) {
        self.date = date
        self.method = method.uppercased()
        self.host = host.lowercased()
        self.path = path
        self.parameters = parameters
    }

    /// What is signed. A `Secret`, because the parameters may hold a passcode.
    package var canonical: Secret {
        var bytes = Array("\(date)\n\(method)\n\(host)\n\(path)\n".utf8)
        bytes.reserveCapacity(bytes.count + parameters.count)
        parameters.withBytes { bytes += $0 }
        defer { bytes.wipe() }
        return Secret(bytes: bytes)
    }

    /// 128 lower-case hex digits; nil if the library refuses to compute, which it does only without memory or provider.
    package func hex(key: Secret) -> String? {
        var digest = [UInt8](repeating: 0, count: 64)
        var length = 0
        let computed = key.withBytes { key in
            canonical.withBytes { message in
                EVP_Q_mac(
                    nil, "HMAC", nil, "SHA512", nil, key.baseAddress, key.count, message.baseAddress, message.count,
                    &digest, digest.count, &length)
            }
        }
        guard computed != nil, length == digest.count else { return nil }
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0x0F)]] }, as: UTF8.self)
    }

    /// The value of the `Authorization` header.
    package func authorization(_ credentials: Credentials) -> String? {
        hex(key: credentials.secretKey).map { digest in
            "Basic " + Data("\(credentials.integrationKey):\(digest)".utf8).base64EncodedString()
        }
    }
}
