/// One root certificate.
package struct CertificateAuthority: Sendable, Equatable {
    /// Its common name, or what else names it; one line, safe to print.
    package let name: String
    /// Unix seconds.
    package let expiry: Int64
    /// SHA-256 of the certificate, 64 lower-case hex digits.
    package let fingerprint: String

    /// Whether it ends within `CertificateAuthorities.notice` of `now` (Unix seconds), or has ended.
    package func isEnding(now: Int64) -> Bool { expiry &- CertificateAuthorities.notice <= now }
}
