import COpenSSL

/// SHA-512 and HMAC in lower-case hex, from libcrypto's EVP interface.
enum Digest {
    enum Hash {
        case sha1, sha512
    }

    static func sha512(_ bytes: some Collection<UInt8>) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        let message = Array(bytes)
        guard EVP_Digest(message, message.count, &digest, &length, EVP_sha512(), nil) == 1 else {
            preconditionFailure("libcrypto has no SHA-512")
        }
        return hex(digest.prefix(Int(length)))
    }

    static func hmac(_ hash: Hash, key: String, message: String) -> String {
        let algorithm =
            switch hash {
            case .sha1: EVP_sha1()
            case .sha512: EVP_sha512()
            }
        let key = Array(key.utf8)
        let message = Array(message.utf8)
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard HMAC(algorithm, key, Int32(key.count), message, message.count, &digest, &length) != nil else {
            preconditionFailure("libcrypto cannot make an HMAC")
        }
        return hex(digest.prefix(Int(length)))
    }

    /// Compares without telling by its time where the first difference is.
    static func equal(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        return left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
