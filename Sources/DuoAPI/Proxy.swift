package import Secrets

/// An HTTP proxy that opens a tunnel to Duo (CONNECT). The certificate is checked against the API host: the proxy sees
/// nothing but bytes, and one that intercepts TLS is refused like everybody else.
package struct Proxy: Sendable {
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    package let host: String
    package let port: UInt16
    /// For Basic authentication; nil: none is offered.
    package let user: Secret?
    package let password: Secret?

    package init(host: String, port: UInt16, user: Secret? = nil, password: Secret? = nil) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
    }
}

extension Proxy: CustomStringConvertible {
    /// Without the credentials.
    package var description: String { "\(host):\(port)" }
}
