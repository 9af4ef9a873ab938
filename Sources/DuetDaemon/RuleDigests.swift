import DuetPolicy
import Synchronization

/// What a rule's fingerprint is in a `DecisionKey`. The last answers are kept, and used for an equal fingerprint only.
final class RuleDigests: Sendable {
    static let shared = RuleDigests()

    private static let most = 256

    private let known = Mutex<[String: (fingerprint: String, digest: [UInt8])]>([:])

    func digest(of rule: Rule) -> [UInt8] {
        let fingerprint = rule.fingerprint
        let last = known.withLock { $0[rule.name] }
        // Byte by byte: to Swift two spellings of one accented letter are the same text.
        if let last, last.fingerprint.utf8.elementsEqual(fingerprint.utf8) { return last.digest }
        let digest = Digest.sha256(Array(fingerprint.utf8))
        known.withLock { known in
            if known.count >= Self.most { known = [:] }
            known[rule.name] = (fingerprint, digest)
        }
        return digest
    }
}
