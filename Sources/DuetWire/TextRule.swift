/// How long a text may be, in bytes of UTF-8, and which characters it may have.
package struct TextRule: Sendable {
    package let sizes: ClosedRange<Int>
    let characters: Characters

    enum Characters: Sendable {
        case line, lines
        /// Lower-case letters, digits and one more.
        case word(Unicode.Scalar)
    }

    package static let user = TextRule(sizes: 1...256, characters: .line)
    package static let item = TextRule(sizes: 1...255, characters: .line)
    package static let authInfo = TextRule(sizes: 1...8_192, characters: .lines)
    package static let command = TextRule(sizes: 1...1_024, characters: .line)
    package static let answer = TextRule(sizes: 0...512, characters: .line)
    /// A SHOW or a PROMPT: libpam's limit is 512 with the NUL.
    package static let message = TextRule(sizes: 1...500, characters: .lines)
    package static let reason = TextRule(sizes: 1...64, characters: .word("_"))
    package static let login = TextRule(sizes: 1...32, characters: .line)
    package static let verb = TextRule(sizes: 1...32, characters: .word("-"))
    package static let arguments = TextRule(sizes: 1...8_192, characters: .lines)

    func permits(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy(permits)
    }

    /// Whether it is ASCII that nobody could object to: nearly every text is, and is looked at byte by byte then. What is not
    /// may be permitted all the same.
    func permitsPlain(_ bytes: some Sequence<UInt8>) -> Bool {
        switch characters {
        case .line, .lines: bytes.allSatisfy { (0x20..<0x7F).contains($0) }
        case .word(let other):
            bytes.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || UInt32($0) == other.value
            }
        }
    }

    private func permits(_ scalar: Unicode.Scalar) -> Bool {
        switch characters {
        case .line: !scalar.isControl
        case .lines: !scalar.isControl || scalar == "\n"
        case .word(let other): ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == other
        }
    }

    /// `text` without the characters that this rule refuses, cut between characters so that it fits.
    package func fitting(_ text: String) -> String {
        // Nearly every text is fine as it is, and to go through it character by character costs more than the rest of a prompt.
        if text.utf8.count <= sizes.upperBound, permitsPlain(text.utf8) || permits(text) { return text }
        var fitted = ""
        for character in text {
            let clean = String(String.UnicodeScalarView(character.unicodeScalars.filter(permits)))
            if fitted.utf8.count + clean.utf8.count > sizes.upperBound { break }
            fitted += clean
        }
        return fitted
    }
}

extension Unicode.Scalar {
    /// U+0000 to U+001F and U+007F to U+009F: what steers a terminal.
    package var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}
