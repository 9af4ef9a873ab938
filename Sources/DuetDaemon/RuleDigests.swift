import DuetPolicy
import Glibc
import Synchronization

/// What a rule's fingerprint is in a `DecisionKey`. The last answers are kept, and used for an equal fingerprint only.
final class RuleDigests: Sendable {
    static let shared = RuleDigests()

    private static let most = 256

    private let known = Mutex<[String: (fingerprint: String, digest: [UInt8])]>([:])

    func digest(of rule: Rule) -> [UInt8] {
        let fingerprint = rule.fingerprint
        let last = known.withLock { $0[rule.name] }
        if let last, Self.areSame(last.fingerprint, fingerprint) { return last.digest }
        let digest = Digest.sha256(Array(fingerprint.utf8))
        known.withLock { known in
            if known.count >= Self.most { known = [:] }
            known[rule.name] = (fingerprint, digest)
        }
        return digest
    }

    /// Byte by byte: to Swift two spellings of one accented letter are the same text.
    private static func areSame(_ one: String, _ other: String) -> Bool {
        var (one, other) = (one, other)
        return one.withUTF8 { one in
            other.withUTF8 { other in
                guard one.count == other.count else { return false }
                guard let first = one.baseAddress, let second = other.baseAddress else { return one.isEmpty }
                return memcmp(first, second, one.count) == 0
            }
        }
    }
}
