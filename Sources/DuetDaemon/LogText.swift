/// A text for a log, made byte by byte: nothing from outside that a terminal obeys, or that cannot be seen, gets into it.
///
/// A `String` that grows piece by piece costs ten times as much, and one is made for every login.
struct LogText {
    private(set) var bytes: [UInt8] = []

    init(room: Int = 0) {
        bytes.reserveCapacity(room)
    }

    var string: String { String(decoding: bytes, as: UTF8.self) }

    /// As it is: for what is Duet's own.
    mutating func add(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ text: [UInt8]) {
        bytes.append(contentsOf: text)
    }

    mutating func add(_ byte: UInt8) {
        bytes.append(byte)
    }

    /// With zeros in front, up to `digits`.
    mutating func add(_ number: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        var rest = max(0, number)
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: min(9, rest / divisor)))
            rest %= divisor
            divisor /= 10
        }
    }

    /// As it is when it is plain; else in quotes with everything special escaped.
    mutating func add(quoted text: String) {
        var text = text
        let isASCII = text.withUTF8 { utf8 in
            if !utf8.isEmpty && utf8.allSatisfy({ Self.isPrintable($0) && $0 != 0x20 && !Self.isSpecial($0) }) {
                bytes.append(contentsOf: utf8)
                return true
            }
            guard utf8.allSatisfy(Self.isPrintable) else { return false }
            bytes.append(Self.quote)
            for byte in utf8 {
                if Self.isSpecial(byte) { bytes.append(Self.backslash) }
                bytes.append(byte)
            }
            bytes.append(Self.quote)
            return true
        }
        if isASCII { return }
        bytes.append(Self.quote)
        for scalar in text.unicodeScalars {
            if scalar.isASCII && Self.isSpecial(UInt8(truncatingIfNeeded: scalar.value)) {
                bytes.append(Self.backslash)
            }
            add(visible: scalar)
        }
        bytes.append(Self.quote)
    }

    /// With everything escaped that a terminal obeys or that cannot be seen.
    mutating func add(visible text: String) {
        var text = text
        // Nearly all of it is ASCII, and the category of a scalar is dear.
        let isASCII = text.withUTF8 { utf8 in
            guard utf8.allSatisfy(Self.isPrintable) else { return false }
            bytes.append(contentsOf: utf8)
            return true
        }
        if isASCII { return }
        for scalar in text.unicodeScalars { add(visible: scalar) }
    }

    private mutating func add(visible scalar: Unicode.Scalar) {
        if Self.isHidden(scalar) {
            bytes.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".utf8)
        } else {
            bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }

    /// One field of the journal's native protocol: its value with the length before it, and no longer than `cap` bytes.
    mutating func add(field name: StaticString, _ value: String, cap: Int) {
        var visible = LogText()
        // Mostly it is as it is, and fits.
        if value.utf8.count <= cap {
            let start = bytes.count
            begin(name)
            let content = bytes.count
            add(visible: value)
            if bytes.count - content <= cap { return end(content) }
            bytes.removeSubrange(start...)
        }
        visible.add(visible: value)
        add(field: name, Array(visible.string.capped(bytes: cap).utf8))
    }

    mutating func add(field name: StaticString, _ value: [UInt8]) {
        begin(name)
        let content = bytes.count
        bytes.append(contentsOf: value)
        end(content)
    }

    private mutating func begin(_ name: StaticString) {
        add(name)
        bytes.append(Self.newline)
        withUnsafeBytes(of: UInt64(0)) { bytes.append(contentsOf: $0) }
    }

    private mutating func end(_ content: Int) {
        let count = UInt64(bytes.count - content)
        for place in 0..<8 { bytes[content - 8 + place] = UInt8(truncatingIfNeeded: count >> UInt64(8 * place)) }
        bytes.append(Self.newline)
    }

    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")
    private static let newline: UInt8 = 0x0A

    private static func isPrintable(_ byte: UInt8) -> Bool { (0x20..<0x7F).contains(byte) }

    /// A terminal obeys it, or shows nothing for it, or a blank that is no space.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return !isPrintable(UInt8(truncatingIfNeeded: scalar.value)) }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .unassigned: return true
        default: return scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    private static func isSpecial(_ byte: UInt8) -> Bool { byte == quote || byte == backslash }
}
