import DuetPolicy
import Glibc
import Synchronization

/// What a user's groups are in a `DecisionKey`. The last answer for each user is kept, and used for equal groups only: to
/// sort and hash hundreds of names would be most of what a remembered login costs.
final class GroupDigests: Sendable {
    static let shared = GroupDigests()

    private static let most = 1_024

    private let known = Mutex<[uid_t: (groups: Set<ExactName>, digest: [UInt8])]>([:])

    /// For other groups, another digest, whatever is kept.
    func digest(of groups: Set<ExactName>, for uid: uid_t) -> [UInt8] {
        // Groups that `UserDirectory` still believes are the same object: then this compares nothing.
        let last = known.withLock { $0[uid] }
        let digest = last.flatMap { $0.groups == groups ? $0.digest : nil } ?? Self.digest(groups)
        // Also when they are equal: the next comparison is with this object.
        known.withLock { known in
            if known.count >= Self.most { known = [:] }
            known[uid] = (groups, digest)
        }
        return digest
    }

    private static func digest(_ groups: Set<ExactName>) -> [UInt8] {
        let names = groups.map { Array($0.description.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        return Digest.sha256(names.flatMap { $0 + [0] })
    }
}
