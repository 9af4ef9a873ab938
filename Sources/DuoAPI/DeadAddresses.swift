import CCurl
import Glibc

/// Addresses that did not answer lately, so that one of them delays one login and not each. Used on the transport's
/// thread only.
///
/// An address is passed over for five minutes, as long as another one connects; where none does, all are forgotten and
/// the call tries every address (`Transport.send`). Nothing is pinned: the order stays the resolver's.
final class DeadAddresses {
    private static let memory = Duration.seconds(300)
    /// Duo's names have a handful of addresses.
    private static let limit = 64

    private var until: [String: ContinuousClock.Instant] = [:]

    func contains(_ address: String) -> Bool {
        guard let end = until[address] else { return false }
        if ContinuousClock.now < end { return true }
        until[address] = nil
        return false
    }

    func insert(_ address: String) {
        if until.count >= Self.limit { until = [:] }
        until[address] = .now + Self.memory
    }

    func removeAll() { until = [:] }
}

extension curl_sockaddr {
    /// `127.0.0.1` or `::1`, as libcurl prints the address of a connection; empty for other families. `address` must be
    /// libcurl's own, which is followed by the rest of a longer `sockaddr`.
    static func text(_ address: UnsafePointer<curl_sockaddr>) -> String {
        guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return "" }
        let base = UnsafeRawPointer(address) + offset
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = address.pointee.family
        let field: Int? =
            switch family {
            case AF_INET: MemoryLayout<sockaddr_in>.offset(of: \.sin_addr)
            case AF_INET6: MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr)
            default: nil
            }
        guard let field, inet_ntop(family, base + field, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
