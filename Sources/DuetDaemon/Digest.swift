import COpenSSL

/// SHA-256, by OpenSSL.
enum Digest {
    // Looked up once: OpenSSL would search its providers again for each digest. Sound: nobody changes what it points to.
    nonisolated(unsafe) private static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

    static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        var size: UInt32 = 0
        // It fails only without memory; then no two digests may be equal, so that nothing is found under this one.
        guard EVP_Digest(bytes, bytes.count, &digest, &size, algorithm, nil) == 1, size == 32 else {
            return (0..<32).map { _ in .random(in: 0 ... .max) }
        }
        return digest
    }
}
