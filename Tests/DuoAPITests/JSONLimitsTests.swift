import Testing

@testable import DuoAPI

@Suite struct JSONLimitsTests {
    private func hold(_ text: String) -> Bool { JSONLimits.hold(for: Array(text.utf8)) }

    @Test(
        "What Duo sends passes, and so does what is small and no JSON: the decoder refuses that",
        arguments: [
            #"{"stat":"OK","response":{"time":1700000000}}"#, #"{"a":[1,-2.5e10,true,null,{"b":"\"[[[[\\"}]}"#,
            "", "   ", "<html>hotel wifi</html>", "[", "{}", #""open"#, "ü€🔑",
        ])
    func passes(text: String) { #expect(hold(text)) }

    @Test("Sixteen levels are the deepest, brackets in strings are none")
    func depth() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(hold(nested(16)) && !hold(nested(17)))
        #expect(hold("[" + nested(15) + "," + nested(15) + "]"))
        #expect(!hold(String(repeating: #"{"a":"#, count: 17)))
        #expect(hold("\"" + nested(100) + "\""))
        #expect(!hold(#"["\\","# + String(repeating: "[", count: 16)))
        #expect(!hold("]"))
    }

    @Test("Strings, numbers and the number of values have caps")
    func sizes() {
        func string(_ count: Int) -> String { "\"" + String(repeating: "x", count: count) + "\"" }
        #expect(hold(string(JSONLimits.string - 1)) && !hold(string(JSONLimits.string + 1)))
        #expect(hold(String(repeating: "9", count: 32)) && !hold(String(repeating: "9", count: 33)))
        #expect(hold("[" + String(repeating: "1,", count: 19_999) + "1]"))
        #expect(!hold("[" + String(repeating: "1,", count: 20_000) + "1]"))
    }

    @Test(
        "Bytes that are not UTF-8 are refused, and other encodings with them",
        arguments: [
            [0x22, 0xFF, 0x22], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xFE, 0xFF, 0x00, 0x5B], [0x5B, 0x00, 0x5D, 0x00],
        ] as [[UInt8]])
    func encodings(bytes: [UInt8]) { #expect(!JSONLimits.hold(for: bytes)) }
}
