/// The API host of one Duo application, `api-XXXXXXXX.duosecurity.com`, with a port only where it is not 443.
package struct APIHost: Sendable, Hashable {
    /// Lower case, without port: what is signed and what the certificate must name.
    package let name: String
    package let port: UInt16

    /// Nil unless `text` is a host name (letters, digits, `-`, `.`) and perhaps a port. Nothing else may reach a URL.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first.map({ $0.lowercased() }), Self.isHostName(name) else { return nil }
        guard parts.count == 2 else {
            self.name = name
            self.port = 443
            return
        }
        guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(parts[1]), port > 0 else {
            return nil
        }
        self.name = name
        self.port = port
    }

    /// As in a URL and in the `Host` header.
    package var authority: String { port == 443 ? name : "\(name):\(port)" }

    private static func isHostName(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count) else { return false }
        return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
        }
    }
}

extension APIHost: CustomStringConvertible {
    package var description: String { authority }
}
