/// Request parameters as names and values, decoded; knows how Duo writes them in canonical form.
package struct Parameters: Sendable, Equatable {
    package struct Pair: Sendable, Equatable {
        package var name: String
        package var value: String
    }

    package var pairs: [Pair]

    package init(_ pairs: [(String, String)] = []) {
        self.pairs = pairs.map { Pair(name: $0.0, value: $0.1) }
    }

    /// Reads a query or a form body. nil: a broken percent sequence, bytes that are not UTF-8, or a pair without `=`.
    package init?(form: some StringProtocol) {
        pairs = []
        for part in form.utf8.split(separator: UInt8(ascii: "&")) {
            let halves = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, let name = Self.decoded(halves[0]), let value = Self.decoded(halves[1]),
                !name.isEmpty
            else { return nil }
            pairs.append(Pair(name: name, value: value))
        }
    }

    func appending(_ other: Parameters) -> Parameters {
        var result = self
        result.pairs += other.pairs
        return result
    }

    package subscript(_ name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }

    /// Sorted by encoded name, then by encoded value, joined with `&`.
    package var canonical: String {
        pairs
            .map { (Self.encoded($0.name), Self.encoded($0.value)) }
            .sorted { $0.0 == $1.0 ? Self.precedes($0.1, $1.1) : Self.precedes($0.0, $1.0) }
            .map { "\($0.0)=\($0.1)" }
            .joined(separator: "&")
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    /// RFC 3986 unreserved characters stay, every other byte becomes `%XX` in upper case.
    package static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(byte)
            default:
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func decoded(_ bytes: some Sequence<UInt8>) -> String? {
        var result: [UInt8] = []
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+"):
                result.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(nibble), let low = iterator.next().flatMap(nibble) else {
                    return nil
                }
                result.append(high << 4 | low)
            default:
                result.append(byte)
            }
        }
        return String(validating: result, as: UTF8.self)
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
