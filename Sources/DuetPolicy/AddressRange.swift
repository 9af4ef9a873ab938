/// A block of client addresses: `192.0.2.0/24`, `2001:db8::/32`, or one address alone.
package struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes; those after the prefix are zero.
    package let bytes: [UInt8]
    /// Bits that count.
    package let prefix: Int
    /// Whether the text had bits after the prefix, which is mostly a slip.
    package let hadHostBits: Bool

    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard !parts[0].contains("%"), let address = ClientAddress(parts[0]) else { return nil }
        let width = address.bytes.count * 8
        // `::ffff:192.0.2.0/120` is written in 128 bits and kept in 32.
        let written = parts[0].contains(":") ? 128 : 32
        var prefix = width
        if parts.count == 2 {
            let digits = parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) }
            guard digits, parts[1].utf8.count <= 3, let number = Int(parts[1]), number <= written,
                number >= written - width
            else { return nil }
            prefix = number - (written - width)
        }
        let masked = address.bytes.enumerated().map { $1 & Self.mask(byte: $0, prefix: prefix) }
        bytes = masked
        self.prefix = prefix
        hadHostBits = masked != address.bytes
    }

    package func contains(_ address: ClientAddress) -> Bool {
        contains(address.bytes)
    }

    package func contains(_ other: AddressRange) -> Bool {
        prefix <= other.prefix && contains(other.bytes)
    }

    package var description: String {
        let address = ClientAddress(bytes: bytes).description
        return prefix == bytes.count * 8 ? address : "\(address)/\(prefix)"
    }

    package static func == (one: AddressRange, other: AddressRange) -> Bool {
        one.bytes == other.bytes && one.prefix == other.prefix
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(bytes)
        hasher.combine(prefix)
    }

    private func contains(_ other: [UInt8]) -> Bool {
        other.count == bytes.count
            && bytes.indices.allSatisfy { other[$0] & Self.mask(byte: $0, prefix: prefix) == bytes[$0] }
    }

    private static func mask(byte: Int, prefix: Int) -> UInt8 {
        let bits = min(8, max(0, prefix - byte * 8))
        return bits == 0 ? 0 : 0xFF << UInt8(8 - bits)
    }
}
