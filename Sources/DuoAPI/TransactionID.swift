/// Duo's name for a login in progress, at most 128 letters, digits, `-` and `_`.
package struct TransactionID: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    package init?(_ text: String) {
        guard isOpaqueID(text) else { return nil }
        self.text = text
    }

    package var description: String { text }
}

/// Ids from Duo are kept only in this form: then they can be logged, compared and sent back without a second thought.
package func isOpaqueID(_ text: String) -> Bool {
    (1...128).contains(text.utf8.count)
        && text.utf8.allSatisfy { byte in
            switch byte {
            case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2D, 0x5F: true
            default: false
            }
        }
}
