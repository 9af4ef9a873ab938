/// Makes ids of Duo's shape: two letters and 18 upper-case letters or digits.
package enum Identifier {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")

    /// The same id for the same seed, so that ids can be written down in tests.
    package static func make(_ prefix: String, from seed: String) -> String {
        let digest = Array(Digest.sha512(seed.utf8).utf8)
        return prefix + String((0..<18).map { alphabet[(Int(digest[$0 * 2]) * 31 + Int(digest[$0 * 2 + 1])) % 36] })
    }

    /// A random UUID in lower case, as Duo's transaction ids.
    static func transaction() -> String {
        let bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
        let hex = Digest.hex(bytes)
        var rest = hex[...]
        let parts = [8, 4, 4, 4, 12].map { count in
            defer { rest = rest.dropFirst(count) }
            return String(rest.prefix(count))
        }
        return parts.joined(separator: "-")
    }
}
