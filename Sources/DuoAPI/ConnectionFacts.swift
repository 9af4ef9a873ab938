/// What one call learned about the way to Duo, for `duet check` and for tests.
package struct ConnectionFacts: Sendable, Equatable {
    /// The call went over a connection that was already there.
    package var reused: Bool
    /// As libcurl prints it.
    package var remoteAddress: String
    /// Each from the start of the call, and zero where the step was not needed.
    package var lookup: Duration
    package var connect: Duration
    package var handshake: Duration
    package var total: Duration
    /// Only where the call asked for it (`ping` and `check` do).
    package var tls: TLSFacts?
}

/// The TLS session of a connection and the certificate that the peer showed.
package struct TLSFacts: Sendable, Equatable {
    /// `TLSv1.3`.
    package var version: String
    package var cipher: String
    /// The handshake continued an earlier session.
    package var resumed: Bool
    /// Unix seconds.
    package var certificateExpiry: Int64?
    /// One line, safe to print.
    package var certificateIssuer: String?
    /// The earliest end in the chain that was verified, root included. Unix seconds; nil when the handshake continued
    /// an earlier session, which verifies nothing anew: `Transport.verifiedTLS` is the last one that did.
    package var chainExpiry: Int64?
    /// The root that vouches for the peer; nil as before.
    package var authority: CertificateAuthority?
}

/// The answer of `ping` and `check`.
package struct ServerTime: Sendable, Equatable {
    /// Unix seconds at Duo.
    package let time: Int64
    package let facts: ConnectionFacts
}
