import Testing

@testable import DuoAPI

@Suite struct PrintableTests {
    @Test(
        "What could drive a terminal or a reader is gone",
        arguments: [
            ("Pushed a login request", "Pushed a login request"),
            ("\u{1b}[31mred\u{1b}[0m", "[31mred[0m"),
            ("a\u{0}b\u{7}c\u{8}d\u{7F}e", "abcde"),
            ("c1 \u{9B}31m \u{9D}0;x\u{9C}", "c1 31m 0;x"),
            ("two\r\nlines\u{2028}three\u{2029}four\tfive", "two lines three four five"),
            ("\n\n  trimmed \n", "trimmed"),
            ("evil\u{202E}gnp.exe\u{2066}x\u{2069}\u{200F}", "evilgnp.exex"),
            ("zero\u{200B}width\u{FEFF}\u{E0041}", "zerowidth"),
            ("two  spaces", "two spaces"), (" in front", "in front"), ("behind ", "behind"), (" ", ""),
            ("Grüße, 你好, 🔐", "Grüße, 你好, 🔐"),
            ("", ""),
        ])
    func strips(raw: String, text: String) {
        #expect(Printable(raw).text == text)
    }

    @Test("No C0, C1, DEL, separator or direction mark survives, wherever it stands")
    func exhaustive() {
        let bad: [ClosedRange<UInt32>] = [
            0...0x1F, 0x7F...0x9F, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFFF9...0xFFFB,
        ]
        for scalar in bad.joined().compactMap(Unicode.Scalar.init) {
            let text = Printable("a\(scalar)b").text
            #expect(text == "ab" || text == "a b", "U+\(String(scalar.value, radix: 16))")
        }
    }

    @Test("The length is capped")
    func capped() {
        #expect(Printable(String(repeating: "x", count: 1 << 20)).text.count == Printable.limit)
        #expect(Printable("abc def", limit: 4).text.unicodeScalars.count <= 5)
    }
}
