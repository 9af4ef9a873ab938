package import Secrets

/// The parameters of one call, in the forms that are both sent and signed: `encoded` and `json`.
///
/// `encoded` is percent-encoded UTF-8 (only `A-Z a-z 0-9 - . _ ~` stay, hex in upper case), sorted by encoded name and then by
/// encoded value, joined with `&` (RFC 5849, 3.4.1.3.2, as in Duo's own clients).
package struct Parameters: Sendable {
    enum Value: Sendable {
        case text(String)
        case secret(Secret)

        var count: Int {
            switch self {
            case .text(let text): text.utf8.count
            case .secret(let secret): secret.count
            }
        }

        func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
            switch self {
            case .text(var text): text.withUTF8(body)
            case .secret(let secret): secret.withBytes(body)
            }
        }
    }

    private(set) var pairs: [(name: String, value: Value)] = []

    package init() {}

    package init(_ pairs: [(String, String)]) {
        for (name, value) in pairs { add(name, value) }
    }

    /// An absent value leaves the parameter out.
    package mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        pairs.append((name, .text(value)))
    }

    package mutating func add(_ name: String, secret: Secret) {
        pairs.append((name, .secret(secret)))
    }

    func merging(_ other: Parameters) -> Parameters {
        var merged = self
        merged.pairs += other.pairs
        return merged
    }

    /// A `Secret`, because one of the values may be a passcode.
    package var encoded: Secret {
        var parts = pairs.map { pair in
            var name: [UInt8] = []
            Self.percentEncode(pair.name.utf8, into: &name)
            var value: [UInt8] = []
            pair.value.withBytes { Self.percentEncode($0, into: &value) }
            return (name: name, value: value)
        }
        parts.sort { a, b in
            a.name == b.name ? a.value.lexicographicallyPrecedes(b.value) : a.name.lexicographicallyPrecedes(b.name)
        }
        var whole: [UInt8] = []
        // Once and for all, so that growing leaves no copy behind.
        whole.reserveCapacity(parts.reduce(0) { $0 + $1.name.count + $1.value.count + 2 })
        for index in parts.indices {
            if index > 0 { whole.append(UInt8(ascii: "&")) }
            whole += parts[index].name
            whole.append(UInt8(ascii: "="))
            whole += parts[index].value
            parts[index].value.wipe()
        }
        defer { whole.wipe() }
        return Secret(bytes: whole)
    }

    static func percentEncode(_ bytes: some Collection<UInt8>, into output: inout [UInt8]) {
        output.reserveCapacity(output.count + 3 * bytes.count)
        for byte in bytes {
            switch byte {
            case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2D, 0x2E, 0x5F, 0x7E:
                output.append(byte)
            default:
                output.append(UInt8(ascii: "%"))
                output.append(hexDigit(byte >> 4))
                output.append(hexDigit(byte & 0x0F))
            }
        }
    }

    static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
    }
}
