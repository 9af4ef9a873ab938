import Glibc

/// The numeric address that a login comes from: IPv4 or IPv6, never a host name, never invented.
package struct ClientAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes, network order. An IPv4 address mapped into IPv6 is kept as the IPv4 address that it is.
    package let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// `192.0.2.7`, `2001:db8::1`, `[2001:db8::1]`, `fe80::1%eth0`, `::ffff:192.0.2.7`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        var text = String(text)
        if text.hasPrefix("[") && text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
        if text.contains(":"), let zone = text.firstIndex(of: "%") { text = String(text[..<zone]) }
        if let bytes = ClientAddress.parse(text, AF_INET, 4) {
            self.bytes = bytes
        } else if let bytes = ClientAddress.parse(text, AF_INET6, 16) {
            let mapped = bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
            self.bytes = mapped ? Array(bytes.suffix(4)) : bytes
        } else {
            return nil
        }
    }

    /// sshd's own word (`SSH_CONNECTION` in the PAM environment) before PAM_RHOST, which may be a name.
    package init?(sshConnection: String?, rhost: String?) {
        let fromSSH = sshConnection.flatMap { $0.split(separator: " ").first }.flatMap { ClientAddress($0) }
        guard let address = fromSSH ?? rhost.flatMap({ ClientAddress($0) }) else { return nil }
        self = address
    }

    package var description: String {
        var address = bytes
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, &address, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func parse(_ text: String, _ family: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }
}
