package import DuetPolicy

/// Whom a prefetch counts for: nobody has shown a first factor yet.
package enum PrefetchSource: Sendable, Hashable {
    /// An IPv4 address, or the first 64 bits of an IPv6 address: one client has all of them.
    case network([UInt8])
    /// Who runs sudo, su and the like.
    case user(UInt32)

    package init(address: ClientAddress?, caller: UInt32) {
        self = address.map { .network(Array($0.bytes.prefix(8))) } ?? .user(caller)
    }
}
