import COpenSSL
import Glibc

extension CertificateAuthority {
    /// Nil for a certificate without an end or a digest, which is none. `certificate` is an `X509 *`.
    init?(_ certificate: OpaquePointer) {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard let expiry = unixTime(X509_get0_notAfter(certificate)),
            X509_digest(certificate, EVP_sha256(), &digest, &count) == 1
        else { return nil }
        let digits = Array("0123456789abcdef".utf8)
        fingerprint = String(
            decoding: digest.prefix(Int(count)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0x0F)]] },
            as: UTF8.self)
        self.expiry = expiry
        name = Self.name(X509_get_subject_name(certificate)) ?? "without a name"
    }

    private static func name(_ subject: OpaquePointer?) -> String? {
        for field in [NID_commonName, NID_organizationalUnitName, NID_organizationName] {
            let index = X509_NAME_get_index_by_NID(subject, field, -1)
            guard index >= 0, let entry = X509_NAME_get_entry(subject, index) else { continue }
            var text: UnsafeMutablePointer<UInt8>?
            let length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry))
            guard length >= 0, let text else { continue }
            defer { duet_openssl_free(text) }
            let bytes = UnsafeBufferPointer(start: text, count: Int(length))
            return Printable(String(decoding: bytes, as: UTF8.self), limit: 256).text
        }
        return nil
    }
}

/// Unix seconds of a certificate's time; nil if it is none.
func unixTime(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
    var civil = tm()
    guard let time, ASN1_TIME_to_tm(time, &civil) == 1 else { return nil }
    return Int64(timegm(&civil))
}
