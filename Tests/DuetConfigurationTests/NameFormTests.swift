import Testing

@testable import DuetConfiguration

@Suite("Forms of names")
struct NameFormTests {
    @Test(
        "What the form says is taken",
        arguments: [
            (NameForm.host, ["a", "9", "api-1.duosecurity.com", "a.-b", String(repeating: "a", count: 253)]),
            (.addressV6, ["::", "fd00::1", "::FFFF:192.0.2.1"]), (.integrationKey, ["ABCDEFGHIJ01234567"]),
            (.application, ["a", "0", "sudo_2-b", String(repeating: "a", count: 32)]),
            (.credential, ["a", "_", "-", "secret_key.", "a..b", String(repeating: "a", count: 128)]),
            (.zonePart, ["Berlin", "GMT+1", "-", "_"]), (.letter, ["a", "Z"]),
            (.secret, [String(repeating: "a", count: 32), String(repeating: "+/_-", count: 20)]),
        ])
    func taken(_ form: NameForm, _ texts: [String]) {
        for text in texts { #expect(form.holds(for: text), "\(text)") }
    }

    @Test(
        "Nothing else is",
        arguments: [
            (
                NameForm.host,
                [
                    "", "-a", "a-", ".a", "a.", "a_b", "a b", "a\n", "ä", "a\u{301}", "\u{212A}", "a\0", "a/b",
                    String(repeating: "a", count: 254),
                ]
            ),
            (.addressV6, [":", "g::", "::1%1", String(repeating: ":", count: 46)]),
            (
                .integrationKey,
                ["ABCDEFGHIJ0123456", "ABCDEFGHIJ012345678", "abcdefghij01234567", "ABCDEFGHIJ0123456\u{212A}"]
            ),
            (.application, ["", "A", "_a", "-a", "a.b", String(repeating: "a", count: 33)]),
            (.credential, ["", ".", ".a", "a/b", "a b", String(repeating: "a", count: 129)]),
            (.zonePart, ["", ".", "..", "a.b", "a/b", "a b"]), (.letter, ["", "1", "é", "ab"]),
            (.secret, [String(repeating: "a", count: 31), String(repeating: "a", count: 31) + "="]),
        ])
    func refused(_ form: NameForm, _ texts: [String]) {
        for text in texts { #expect(!form.holds(for: text), "\(text)") }
    }

    @Test(
        "A line that is shown has no secret in it, and the path of a file is none",
        arguments: [
            ("secret_key_file = \"relative\"", true), ("\tproxy_file\t=\"relative\"", true),
            ("secret_key_file = \"a\" = \"b\"", false), ("xsecret_key_file = \"relative\"", false),
            ("secret key_file = \"relative\"", false), ("user_file = \"relative\"", true),
        ])
    func excerpts(_ line: String, _ isShown: Bool) {
        let key = String(repeating: "k3Y", count: 11)
        let reader = ConfigurationReader(text: "\(line)\nx = \"ü\(key)\" # \(key.dropFirst(2)) ü")
        reader.report("a", at: SourcePosition(line: 1, column: 1))
        reader.report("b", at: SourcePosition(line: 2, column: 1))
        let excerpts = reader.errors.compactMap(\.excerpt)
        #expect((excerpts[0] == line) == isShown, "\(excerpts)")
        #expect(excerpts[1] == "x = \"ü…\" # \(key.dropFirst(2)) ü")
    }
}
