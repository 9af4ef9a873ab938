/// What a JSON document from outside may be, checked before a decoder sees it: a decoder descends into every bracket, and
/// makes objects of all it meets.
///
/// This is no parser: what is not JSON passes if it is small, and the decoder refuses it.
package enum JSONLimits {
    /// Duo's deepest answer, a list of devices with their capabilities, has four levels.
    static let depth = 16
    /// Bytes between two quotes, escapes included.
    static let string = 16 << 10
    /// Digits, sign, point and exponent of one number, and the letters of `true` and its like.
    static let word = 32
    /// Members and elements, all levels together.
    package static let values = 20_000

    static func hold(for document: [UInt8], values: Int = Self.values) -> Bool {
        // Else UTF-16, which a decoder detects by its zero bytes, could hide brackets from this function.
        guard !document.contains(0), String(validating: document, as: UTF8.self) != nil else { return false }
        var scan = Scan(mostValues: values)
        return document.allSatisfy { scan.accepts($0) }
    }

    private struct Scan {
        let mostValues: Int
        private var depth = 0
        private var values = 1
        private var inString = false
        private var escaped = false
        /// Bytes of the string or word so far.
        private var length = 0

        init(mostValues: Int) { self.mostValues = mostValues }

        mutating func accepts(_ byte: UInt8) -> Bool {
            length += 1
            guard !inString else { return acceptsInString(byte) }
            switch byte {
            case UInt8(ascii: "\""): (inString, length) = (true, 0)
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                length = 0
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                length = 0
            case UInt8(ascii: ","):
                values += 1
                length = 0
            case UInt8(ascii: ":"), 0x20, 0x09, 0x0A, 0x0D: length = 0
            default: break
            }
            return (0...JSONLimits.depth).contains(depth) && values <= mostValues && length <= JSONLimits.word
        }

        private mutating func acceptsInString(_ byte: UInt8) -> Bool {
            if escaped {
                escaped = false
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "\"") {
                (inString, length) = (false, 0)
            }
            return length <= JSONLimits.string
        }
    }
}
