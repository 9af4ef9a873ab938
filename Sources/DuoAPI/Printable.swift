/// Text from Duo that is safe to print: every string of an answer is decoded through this type and no other.
///
/// Removed: C0 and C1 control characters, DEL, line and paragraph separators, everything that changes the direction of
/// text or cannot be seen. Tabs and line ends become one space, so that words do not run together. The length is capped.
package struct Printable: Sendable, Equatable {
    package let text: String

    /// Longest text kept, in Unicode scalars. Duo's sentences are far below; portal URLs reach some hundred.
    package static let limit = 2048

    package init(_ raw: String, limit: Int = Printable.limit) {
        // Nearly all that Duo says is plain: no look at the category of each character.
        guard !Self.isPlain(raw, limit) else {
            text = raw
            return
        }
        var scalars = String.UnicodeScalarView()
        var kept = 0
        var spaceIsDue = false
        for scalar in raw.unicodeScalars {
            if Self.isSpacing(scalar) {
                spaceIsDue = kept > 0
                continue
            }
            guard !Self.isUnprintable(scalar) else { continue }
            guard kept < limit else { break }
            if spaceIsDue {
                scalars.append(" ")
                kept += 1
            }
            spaceIsDue = false
            scalars.append(scalar)
            kept += 1
        }
        text = String(scalars)
    }

    /// Visible ASCII with single spaces in between: nothing to take out, nothing to cut.
    private static func isPlain(_ raw: String, _ limit: Int) -> Bool {
        guard raw.utf8.count <= limit else { return false }
        var last = UInt8(ascii: " ")
        for byte in raw.utf8 {
            guard (0x20...0x7E).contains(byte), byte != 0x20 || last != 0x20 else { return false }
            last = byte
        }
        return last != 0x20 || raw.isEmpty
    }

    private static func isSpacing(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0D, 0x20, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // Cf holds the bidirectional overrides and isolates, zero-width joiners and tag characters.
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}

extension Printable: Decodable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }
}
