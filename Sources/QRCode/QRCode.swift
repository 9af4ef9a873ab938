import CQREncode

/// A text as a QR code that a phone can scan from a terminal, in half-block characters: two modules a character.
package struct QRCode: Sendable, Equatable {
    /// Light space around the code, in modules. The norm asks for four; phones are content with two on a screen.
    private static let margin = 2

    /// From top to bottom, each `columns` characters wide. No control characters, no colours: light modules are drawn,
    /// dark ones are left out, as for a terminal with light text on a dark ground. Phones read the inverse as well.
    package let lines: [String]
    package let columns: Int

    /// nil when the text is empty, has a NUL or is longer than a QR code can be (2,953 bytes).
    package init?(_ text: String) {
        guard !text.isEmpty, !text.utf8.contains(0), let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L) else {
            return nil
        }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        // Sound: libqrencode gives width × width bytes, and they live until QRcode_free.
        let modules = UnsafeBufferPointer(start: code.pointee.data, count: width * width)
        func isLight(_ row: Int, _ column: Int) -> Bool {
            let (row, column) = (row - Self.margin, column - Self.margin)
            guard (0..<width).contains(row), (0..<width).contains(column) else { return true }
            return modules[row * width + column] & 1 == 0
        }
        let size = width + 2 * Self.margin
        columns = size
        lines = stride(from: 0, to: size, by: 2).map { row in
            (0..<size).reduce(into: "") { line, column in
                line += Self.character(upper: isLight(row, column), lower: row + 1 < size && isLight(row + 1, column))
            }
        }
    }

    private static func character(upper: Bool, lower: Bool) -> String {
        switch (upper, lower) {
        case (true, true): "█"
        case (true, false): "▀"
        case (false, true): "▄"
        case (false, false): " "
        }
    }
}
