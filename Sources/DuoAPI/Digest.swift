import COpenSSL
import Secrets

/// SHA-512 in 128 lower-case hex digits, from libcrypto; nil if the library refuses to compute, which it does only
/// without memory or provider.
enum Digest {
    static func sha512(_ message: Secret) -> String? {
        var digest = [UInt8](repeating: 0, count: 64)
        var length = 0
        let computed = message.withBytes { message in
            EVP_Q_digest(nil, "SHA512", nil, message.baseAddress, message.count, &digest, &length)
        }
        return computed == 1 && length == digest.count ? hex(digest) : nil
    }

    static func hmac(key: Secret, _ message: Secret) -> String? {
        var digest = [UInt8](repeating: 0, count: 64)
        var length = 0
        let computed = key.withBytes { key in
            message.withBytes { message in
                EVP_Q_mac(
                    nil, "HMAC", nil, "SHA512", nil, key.baseAddress, key.count, message.baseAddress, message.count,
                    &digest, digest.count, &length)
            }
        }
        return computed != nil && length == digest.count ? hex(digest) : nil
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0x0F)]] }, as: UTF8.self)
    }
}
