import QRCode
import Testing

@Suite("QR code")
struct QRCodeTests {
    /// The modules of a code drawn with half blocks, dark ones true, without the margin.
    private func modules(_ code: QRCode) -> [[Bool]] {
        let rows = code.lines.flatMap { line -> [[Bool]] in
            let upper = line.map { $0 == " " || $0 == "▄" }
            let lower = line.map { $0 == " " || $0 == "▀" }
            return [upper, lower]
        }
        let width = code.columns - 4
        return rows.dropFirst(2).prefix(width).map { Array($0.dropFirst(2).prefix(width)) }
    }

    @Test("Every line is as wide as the code says, and nothing but half blocks is in it")
    func shape() throws {
        let code = try #require(QRCode("https://api-1234abcd.duosecurity.com/portal?code=0123456789abcdef&akey=DA0"))
        #expect(code.lines.count == (code.columns + 1) / 2)
        #expect(code.lines.allSatisfy { $0.count == code.columns && $0.allSatisfy { "█▀▄ ".contains($0) } })
        #expect(code.columns < 60)
    }

    @Test("The three finder patterns stand in their corners")
    func finders() throws {
        let grid = modules(try #require(QRCode("duet")))
        let width = grid.count
        for (row, column) in [(0, 0), (0, width - 7), (width - 7, 0)] {
            for offset in 0..<7 {
                #expect(grid[row][column + offset] && grid[row + 6][column + offset])
                #expect(grid[row + offset][column] && grid[row + offset][column + 6])
            }
            #expect(!grid[row + 1][column + 1] && grid[row + 3][column + 3])
        }
        // The fourth corner has none.
        #expect(!(0..<7).allSatisfy { grid[width - 7][width - 7 + $0] })
    }

    @Test("What no QR code can hold gives none", arguments: ["", "a\0b", String(repeating: "x", count: 3_000)])
    func none(_ text: String) {
        #expect(QRCode(text) == nil)
    }
}
