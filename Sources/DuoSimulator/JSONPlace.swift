/// Finds where a text stops being JSON. The decoder of FoundationEssentials says it in prose only, and lets a comma
/// before a closing brace pass.
enum JSONPlace {
    static func isWellFormed(_ text: [UInt8]) -> Bool {
        var scanner = Scanner(text: text)
        return scanner.value(depth: 0) && scanner.end()
    }

    /// - Returns: line and column, both from 1, of the first byte that cannot stand where it stands.
    static func firstError(in text: [UInt8]) -> (line: Int, column: Int) {
        var scanner = Scanner(text: text)
        _ = scanner.value(depth: 0) && scanner.end()
        let before = text.prefix(scanner.position)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return (line, String(decoding: before[start...], as: UTF8.self).count + 1)
    }

    private struct Scanner {
        let text: [UInt8]
        var position = 0

        mutating func value(depth: Int) -> Bool {
            skipSpace()
            guard depth < 64, let byte = peek else { return false }
            switch byte {
            case UInt8(ascii: "{"): return members(depth: depth)
            case UInt8(ascii: "["): return elements(depth: depth)
            case UInt8(ascii: "\""): return string()
            default: return bareWord()
            }
        }

        mutating func end() -> Bool {
            skipSpace()
            return position == text.count
        }

        private var peek: UInt8? { position < text.count ? text[position] : nil }

        private mutating func take(_ byte: Unicode.Scalar) -> Bool {
            skipSpace()
            guard peek == UInt8(ascii: byte) else { return false }
            position += 1
            return true
        }

        private mutating func skipSpace() {
            while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
        }

        private mutating func members(depth: Int) -> Bool {
            position += 1
            if take("}") { return true }
            repeat {
                skipSpace()
                guard peek == UInt8(ascii: "\""), string(), take(":"), value(depth: depth + 1) else { return false }
            } while take(",")
            return take("}")
        }

        private mutating func elements(depth: Int) -> Bool {
            position += 1
            if take("]") { return true }
            repeat {
                guard value(depth: depth + 1) else { return false }
            } while take(",")
            return take("]")
        }

        private mutating func string() -> Bool {
            position += 1
            while let byte = peek, byte >= 0x20 {
                if byte == UInt8(ascii: "\"") {
                    position += 1
                    return true
                }
                position += byte == UInt8(ascii: "\\") ? 2 : 1
            }
            position = min(position, text.count)
            return false
        }

        private mutating func bareWord() -> Bool {
            let start = position
            let stops = Array(" \t\r\n,:]}[{\"".utf8)
            while let byte = peek, !stops.contains(byte) { position += 1 }
            let word = String(decoding: text[start..<position], as: UTF8.self)
            guard !["true", "false", "null"].contains(word), Double(word) == nil else { return true }
            position = start
            return false
        }
    }
}
