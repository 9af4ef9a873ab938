import Secrets
import Testing

@testable import DuoAPI

@Suite struct ParametersTests {
    static let unicode = [
        (
            "\u{469a}\u{287b}\u{35d0}\u{8ef3}\u{6727}\u{502a}\u{0810}\u{d091}\u{00c8}\u{c170}",
            "\u{0f45}\u{1a76}\u{341a}\u{654c}\u{c23f}\u{9b09}\u{abe2}\u{8343}\u{1b27}\u{60d0}"
        ),
        (
            "\u{7449}\u{7e4b}\u{ccfb}\u{59ff}\u{fe5f}\u{83b7}\u{adcc}\u{900c}\u{cfd1}\u{7813}",
            "\u{8db7}\u{5022}\u{92d3}\u{42ef}\u{207d}\u{8730}\u{acfe}\u{5617}\u{0946}\u{4e30}"
        ),
        (
            "\u{7470}\u{9314}\u{901c}\u{9eae}\u{40d8}\u{4201}\u{82d8}\u{8c70}\u{1d31}\u{a042}",
            "\u{17d9}\u{0ba8}\u{9358}\u{aadf}\u{a42a}\u{48be}\u{fb96}\u{6fe9}\u{b7ff}\u{32f3}"
        ),
        (
            "\u{c2c5}\u{2c1d}\u{2620}\u{3617}\u{96b3}F\u{8605}\u{20e8}\u{ac21}\u{5934}",
            "\u{fba9}\u{41aa}\u{bd83}\u{840b}\u{2615}\u{3e6e}\u{652d}\u{a8b5}\u{d56b}U"
        ),
    ]

    struct Row: Sendable {
        let pairs: [(String, String)]
        let encoded: String

        init(_ pairs: [(String, String)], _ encoded: String) {
            self.pairs = pairs
            self.encoded = encoded
        }
    }

    static let punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    static let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

    @Test(
        "Parameters are encoded and sorted as in Duo's vectors",
        arguments: [
            Row([], ""),
            Row([("realname", "First Last"), ("username", "root")], "realname=First%20Last&username=root"),
            Row(
                [("words", "First Last"), ("success", "true"), ("digit", "5")],
                "digit=5&success=true&words=First%20Last"),
            Row([("foo_bar", "2"), ("foo", "1")], "foo=1&foo_bar=2"),
            Row(
                [("username", "H ell?o"), ("password", "H-._~i"), ("password", "A(!'*)")],
                "password=A%28%21%27%2A%29&password=H-._~i&username=H%20ell%3Fo"),
            Row(
                [("whitespace", "\t\n\u{0B}\u{0C}\r "), ("punctuation", punctuation)],
                "punctuation=%21%22%23%24%25%26%27%28%29%2A%2B%2C-.%2F%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E_%60%7B%7C%7D~"
                    + "&whitespace=%09%0A%0B%0C%0D%20"),
            Row([("digits", "0123456789"), ("letters", letters)], "digits=0123456789&letters=\(letters)"),
            Row(
                [("ip_whitelist_enroll_policy", "2"), ("ip_whitelist", "1")],
                "ip_whitelist=1&ip_whitelist_enroll_policy=2"),
            Row([("n", "fjaewoifjew"), ("n", "473891274832917498")], "n=473891274832917498&n=fjaewoifjew"),
            // Sorting whole pairs would put a1 first, because "1" is below "=".
            Row([("a1", "2"), ("a", "1")], "a=1&a1=2"),
            Row([("empty", "")], "empty="),
            Row(
                unicode,
                "%E4%9A%9A%E2%A1%BB%E3%97%90%E8%BB%B3%E6%9C%A7%E5%80%AA%E0%A0%90%ED%82%91%C3%88%EC%85%B0="
                    + "%E0%BD%85%E1%A9%B6%E3%90%9A%E6%95%8C%EC%88%BF%E9%AC%89%EA%AF%A2%E8%8D%83%E1%AC%A7%E6%83%90&"
                    + "%E7%91%89%E7%B9%8B%EC%B3%BB%E5%A7%BF%EF%B9%9F%E8%8E%B7%EA%B7%8C%E9%80%8C%EC%BF%91%E7%A0%93="
                    + "%E8%B6%B7%E5%80%A2%E9%8B%93%E4%8B%AF%E2%81%BD%E8%9C%B0%EA%B3%BE%E5%98%97%E0%A5%86%E4%B8%B0&"
                    + "%E7%91%B0%E9%8C%94%E9%80%9C%E9%BA%AE%E4%83%98%E4%88%81%E8%8B%98%E8%B1%B0%E1%B4%B1%EA%81%82="
                    + "%E1%9F%99%E0%AE%A8%E9%8D%98%EA%AB%9F%EA%90%AA%E4%A2%BE%EF%AE%96%E6%BF%A9%EB%9F%BF%E3%8B%B3&"
                    + "%EC%8B%85%E2%B0%9D%E2%98%A0%E3%98%97%E9%9A%B3F%E8%98%85%E2%83%A8%EA%B0%A1%E5%A4%B4="
                    + "%EF%AE%A9%E4%86%AA%EB%B6%83%E8%90%8B%E2%98%95%E3%B9%AE%E6%94%AD%EA%A2%B5%ED%95%ABU"),
        ])
    func encodes(row: Row) {
        #expect(Parameters(row.pairs).encoded.text == row.encoded)
    }

    @Test(
        "As JSON: texts only, names sorted, no spaces, escapes where JSON wants them",
        arguments: [
            Row([], "{}"),
            Row([("username", "root"), ("realname", "First Last")], #"{"realname":"First Last","username":"root"}"#),
            Row([("one", "1"), ("foo", "bar"), ("bool", "true")], #"{"bool":"true","foo":"bar","one":"1"}"#),
            Row([("a1", "2"), ("a", "1")], #"{"a":"1","a1":"2"}"#),
            Row([("q", #"say "hi" \ / &=+%"#)], #"{"q":"say \"hi\" \\ / &=+%"}"#),
            Row([("c", "\t\n\u{0}\u{1F}\u{7F}")], "{\"c\":\"\\u0009\\u000A\\u0000\\u001F\u{7F}\"}"),
            Row([("ü", "日本 🙂")], #"{"ü":"日本 🙂"}"#),
        ])
    func json(row: Row) {
        #expect(Parameters(row.pairs).json.text == row.encoded)
    }

    @Test("An absent value leaves the parameter out, a secret is encoded like a text")
    func absentAndSecret() {
        var parameters = Parameters([("b", "2")])
        parameters.add("c", nil)
        parameters.add("a", secret: Secret("1 +"))
        #expect(parameters.encoded.text == "a=1%20%2B&b=2")
        #expect(parameters.json.text == #"{"a":"1 +","b":"2"}"#)
    }
}
