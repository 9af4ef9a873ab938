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
        let digits: StaticString = "0123456789abcdef"
        return digits.withUTF8Buffer { digits in
            String(unsafeUninitializedCapacity: 2 * bytes.count) { text in
                for (index, byte) in bytes.enumerated() {
                    text[2 * index] = digits[Int(byte >> 4)]
                    text[2 * index + 1] = digits[Int(byte & 0x0F)]
                }
                return 2 * bytes.count
            }
        }
    }
}
