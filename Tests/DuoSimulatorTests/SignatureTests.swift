import DuoSimulator
import Testing

@Suite("Signatures")
struct SignatureTests {
    @Test("Duo's published requests have the published signatures", arguments: SignatureVectors.requests.indices)
    func vectors(index: Int) {
        let vector = SignatureVectors.requests[index]
        #expect(vector.canonical.sha512(vector.version, key: vector.key) == vector.sha512, "\(vector.name)")
        if let sha1 = vector.sha1 { #expect(vector.canonical.sha1(key: vector.key) == sha1, "\(vector.name)") }
    }

    private static let punctuation = (0x21...0x7E).compactMap { Unicode.Scalar($0) }
        .filter { !$0.properties.isAlphabetic && !("0"..."9").contains($0) }.map(String.init).joined()

    private static let parameterVectors: [([(String, String)], String)] = [
        ([("username", "root"), ("realname", "First Last")], "realname=First%20Last&username=root"),
        (
            [("words", "First Last"), ("success", "true"), ("digit", "5")],
            "digit=5&success=true&words=First%20Last"
        ),
        ([("foo_bar", "2"), ("foo", "1")], "foo=1&foo_bar=2"),
        (
            [("username", "H ell?o"), ("password", "H-._~i"), ("password", "A(!'*)")],
            "password=A%28%21%27%2A%29&password=H-._~i&username=H%20ell%3Fo"
        ),
        (
            [("whitespace", "\t\n\u{0B}\u{0C}\r "), ("punctuation", punctuation)],
            "punctuation=%21%22%23%24%25%26%27%28%29%2A%2B%2C-.%2F%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E_%60%7B%7C%7D~"
                + "&whitespace=%09%0A%0B%0C%0D%20"
        ),
        (
            [("ip_whitelist_enroll_policy", "b"), ("ip_whitelist", "a")],
            "ip_whitelist=a&ip_whitelist_enroll_policy=b"
        ),
        ([("a1", "2"), ("a", "1")], "a=1&a1=2"),
        ([("empty", "")], "empty="),
        ([], ""),
        (SignatureVectors.unicode, SignatureVectors.unicodeCanonical),
    ]

    @Test("Parameters are encoded and sorted as Duo does it", arguments: parameterVectors)
    func canonical(pairs: [(String, String)], expected: String) {
        #expect(Parameters(pairs).canonical == expected)
    }

    @Test("The wire may write a space as + or %20 and hex in any case")
    func wireForms() {
        #expect(Parameters(form: "a=b+c&d=%c3%bc")?.canonical == "a=b%20c&d=%C3%BC")
        #expect(Parameters(form: "a=b%20c&d=%C3%BC")?.canonical == "a=b%20c&d=%C3%BC")
    }

    @Test("Broken forms are refused", arguments: ["a=%", "a=%4", "a=%zz", "a=%ff", "a", "=b"])
    func brokenForms(form: String) {
        #expect(Parameters(form: form) == nil)
    }

    @Test(
        "Dates of RFC 2822 are read in every zone form in use",
        arguments: [
            "Tue, 21 Aug 2012 17:29:18 -0000", "Tue, 21 Aug 2012 17:29:18 GMT", "Tue, 21 Aug 2012 13:29:18 -0400",
            "21 Aug 2012 19:29:18 +0200",
        ])
    func dates(date: String) {
        #expect(MailDate.seconds(date) == 1_345_570_158)
    }

    @Test(
        "What is no such date is refused",
        arguments: [
            "", "now", "1345570158", "Tue, 21 Aug 2012", "Die, 21 Aug 2012 17:29:18 -0000",
            "Tue, 21 aug 2012 17:29:18 -0000", "Tue, 32 Aug 2012 17:29:18 -0000", "Tue, 21 Aug 2012 17:29:18 CEST",
            "2012-08-21T17:29:18Z",
        ])
    func brokenDates(date: String) {
        #expect(MailDate.seconds(date) == nil)
    }

    @Test("A date that is written reads back", arguments: [0, 951_782_399, 1_345_570_158, 4_102_444_800])
    func roundTrip(seconds: Int) {
        #expect(MailDate.seconds(MailDate.text(seconds)) == seconds)
    }
}
