/// One root certificate.
package struct CertificateAuthority: Sendable, Equatable {
    /// Its common name, or what else names it; one line, safe to print.
    package let name: String
    /// Unix seconds.
    package let expiry: Int64
    /// SHA-256 of the certificate, 64 lower-case hex digits.
    package let fingerprint: String
}
