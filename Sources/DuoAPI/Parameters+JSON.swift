import Secrets

extension Parameters {
    /// The body of a POST in signature version 5: one JSON object whose values are all texts, flags and numbers too,
    /// names sorted, no spaces. No two names may be the same.
    ///
    /// Duo hashes the bytes that it gets, so the form is free; this is the one that Duo's own clients make.
    var json: Secret {
        let sorted = pairs.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var whole: [UInt8] = []
        // Once and for all, so that growing leaves no copy behind; an escape makes six bytes of one.
        whole.reserveCapacity(2 + sorted.reduce(0) { $0 + 6 + 6 * ($1.name.utf8.count + $1.value.count) })
        whole.append(UInt8(ascii: "{"))
        for (index, pair) in sorted.enumerated() {
            if index > 0 { whole.append(UInt8(ascii: ",")) }
            Self.quote(pair.name.utf8, into: &whole)
            whole.append(UInt8(ascii: ":"))
            pair.value.withBytes { Self.quote($0, into: &whole) }
        }
        whole.append(UInt8(ascii: "}"))
        defer { whole.wipe() }
        return Secret(bytes: whole)
    }

    private static func quote(_ text: some Collection<UInt8>, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0..<0x20:
                output += "\\u00".utf8
                output.append(hexDigit(byte >> 4))
                output.append(hexDigit(byte & 0x0F))
            default:
                output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
