import Foundation
import Testing

@testable import DuoAdminAPI

@Suite("Values of any type")
struct JSONValueTests {
    private func value(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    @Test(
        "A value is read as whatever it can stand for",
        arguments: [
            ("1", "1", 1, true), ("0", "0", 0, false), ("true", "1", nil, true), ("false", "0", nil, false),
            (#""1""#, "1", 1, true), (#""x""#, "x", nil, nil), ("null", nil, nil, nil), ("[1]", nil, nil, nil),
            ("1.5", "1.5", nil, nil), ("99999999999", "99999999999", 99_999_999_999, nil),
        ] as [(String, String?, Int64?, Bool?)])
    func reads(json: String, text: String?, integer: Int64?, flag: Bool?) throws {
        let value = try value(json)
        #expect(value.text == text)
        #expect(value.integer == integer)
        #expect(value.flag == flag)
    }

    @Test("What is written is the same value again, and has nothing that a terminal obeys")
    func writes() throws {
        let evil = "a\u{1b}[2J\u{7}\r\n\u{9b}\u{202e}\u{2028}\u{e0041}\"\\ü😀\u{0}"
        let value = JSONValue.object([
            "s": .string(evil), evil: .null, "l": .array([.integer(-1), .number(1.5), .bool(true), .array([])]),
            "o": .object([:]),
        ])
        for text in [value.line, value.pretty] {
            #expect(try self.value(text) == value)
            let isClean = text.unicodeScalars.allSatisfy { scalar in
                scalar == "\n" || ![.control, .format, .lineSeparator].contains(scalar.properties.generalCategory)
            }
            #expect(isClean, "\(text.debugDescription)")
        }
        #expect(!value.line.contains("\n"))
    }
}
