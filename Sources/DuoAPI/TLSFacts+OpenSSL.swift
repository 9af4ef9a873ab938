import CCurl
import COpenSSL

extension TLSFacts {
    /// Only inside a callback of the transfer `easy`, while it has a connection.
    init?(of easy: UnsafeMutableRawPointer) {
        guard let session = duet_easy_openssl(easy).map(OpaquePointer.init) else { return nil }
        version = String(cString: SSL_get_version(session))
        cipher = SSL_get_current_cipher(session).map { String(cString: SSL_CIPHER_get_name($0)) } ?? ""
        resumed = duet_ssl_session_reused(session) != 0
        guard let certificate = duet_ssl_peer_certificate(session) else { return }
        defer { X509_free(certificate) }
        certificateExpiry = unixTime(X509_get0_notAfter(certificate))
        certificateIssuer = Self.oneLine(X509_get_issuer_name(certificate))
        let chain = (0..<duet_ssl_chain_count(session)).compactMap { duet_ssl_chain_certificate(session, $0) }
        chainExpiry = chain.compactMap { unixTime(X509_get0_notAfter($0)) }.min()
        authority = chain.last.flatMap { CertificateAuthority($0) }
    }

    private static func oneLine(_ name: OpaquePointer?) -> String? {
        guard let name, let text = X509_NAME_oneline(name, nil, 0) else { return nil }
        defer { duet_openssl_free(text) }
        return Printable(String(cString: text), limit: 256).text
    }
}

extension CertificateFault {
    /// `verifyResult` is a number of `X509_verify_cert_error_string`'s. With a refused certificate, 0 and 1
    /// (where libcurl starts) mean that the chain was good: so it was the name, which libcurl checks itself.
    init(verifyResult: Int) {
        switch Int32(truncatingIfNeeded: verifyResult) {
        case X509_V_OK, X509_V_ERR_UNSPECIFIED, X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            self = .wrongHost
        case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_UNTRUSTED:
            self = .untrusted
        default: self = .other(code: verifyResult)
        }
    }
}
