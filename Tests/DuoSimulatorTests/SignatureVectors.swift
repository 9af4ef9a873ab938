import DuoSimulator

/// Signature vectors from the tests of Duo's own open-source clients.
enum SignatureVectors {
    struct Request: Sendable {
        var name: String
        var key: String
        var canonical: CanonicalRequest
        var version: CanonicalRequest.Version
        var sha1: String?
        var sha512: String
    }

    /// Unicode names and values.
    static let unicode: [(String, String)] = [
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
    static let unicodeCanonical =
        "%E4%9A%9A%E2%A1%BB%E3%97%90%E8%BB%B3%E6%9C%A7%E5%80%AA%E0%A0%90%ED%82%91%C3%88%EC%85%B0=%E0%BD%8"
        + "5%E1%A9%B6%E3%90%9A%E6%95%8C%EC%88%BF%E9%AC%89%EA%AF%A2%E8%8D%83%E1%AC%A7%E6%83%90&%E7%91%89%E7%"
        + "B9%8B%EC%B3%BB%E5%A7%BF%EF%B9%9F%E8%8E%B7%EA%B7%8C%E9%80%8C%EC%BF%91%E7%A0%93=%E8%B6%B7%E5%80%A2"
        + "%E9%8B%93%E4%8B%AF%E2%81%BD%E8%9C%B0%EA%B3%BE%E5%98%97%E0%A5%86%E4%B8%B0&%E7%91%B0%E9%8C%94%E9%8"
        + "0%9C%E9%BA%AE%E4%83%98%E4%88%81%E8%8B%98%E8%B1%B0%E1%B4%B1%EA%81%82=%E1%9F%99%E0%AE%A8%E9%8D%98%"
        + "EA%AB%9F%EA%90%AA%E4%A2%BE%EF%AE%96%E6%BF%A9%EB%9F%BF%E3%8B%B3&%EC%8B%85%E2%B0%9D%E2%98%A0%E3%98"
        + "%97%E9%9A%B3F%E8%98%85%E2%83%A8%EA%B0%A1%E5%A4%B4=%EF%AE%A9%E4%86%AA%EB%B6%83%E8%90%8B%E2%98%95%"
        + "E3%B9%AE%E6%94%AD%EA%A2%B5%ED%95%ABU"

    private static let docsKey = "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep"
    private static let docsDate = "Tue, 21 Aug 2012 17:29:18 -0000"
    private static let name = ("realname", "First Last")

    static let requests: [Request] = [
        Request(
            name: "T1", key: "gtdfxv9YgVBYcF6dl2Eq17KUQJN2PLM2ODVTkvoT",
            canonical: CanonicalRequest(
                date: "Fri, 07 Dec 2012 17:18:00 -0000", method: "PoSt", host: "foO.BAr52.cOm", path: "/Foo/BaR2/qux",
                parameters: Parameters(unicode)),
            version: .v2, sha1: "f01811cbbf9561623ab45b893096267fd46a5178",
            sha512: "0508065035a03b2a1de2f453e629e791d180329e157f65df6b3e0f08299d4321"
                + "e1c5c7a7c7ee6b9e5fc80d1fb6fbf3ad5eb7c44dd3b3985a02c37aca53ec3698"),
        Request(
            name: "T2", key: docsKey,
            canonical: CanonicalRequest(
                date: docsDate, method: "POST", host: "api-XXXXXXXX.duosecurity.com", path: "/accounts/v1/account/list",
                parameters: Parameters([("username", "root"), name])),
            version: .v2, sha1: "2d97d6166319781b5a3a07af39d366f491234edc",
            sha512: "1bffb8924348f7db7da9e7d7d749ded93aafd02d8e904960da7b96c575102201"
                + "85a64a2827ee8f24ac5d30802a9ee97e59de44b304b18242f0d596d15a8122af"),
        Request(
            name: "T3", key: docsKey,
            canonical: CanonicalRequest(
                date: docsDate, method: "POST", host: "api-XXXXXXXX.duosecurity.com", path: "/accounts/v1/account/list",
                parameters: Parameters([name]),
                body: Array(#"{"txid":"f22b1678-252a-4070-b176-0ca2be7319fd"}"#.utf8)),
            version: .v5, sha1: nil,
            sha512: "78f4327f831173cc78d0907e913e3c5a28fe72dd4545a342586bb67181f2ba39"
                + "3d20911e870362f6faba3dc6f7e9db5e93aed2f3bfc110c6dadaff4dc6179e0b"),
        Request(
            name: "T4", key: "test_skey",
            canonical: CanonicalRequest(
                date: docsDate, method: "POST", host: "test.duosecurity.com", path: "/test/v1",
                parameters: Parameters([name, ("username", "root")])),
            version: .v2, sha1: nil,
            sha512: "042a30c682bd836fc5ba467891a956eaa10091ca0f73a7fb396aefd56a3529e5"
                + "6932dea427a67213af664ba6841689ff2336b7a373766ea5ab7ab9fe2638226b"),
        Request(
            name: "T5", key: "test_skey",
            canonical: CanonicalRequest(
                date: docsDate, method: "POST", host: "test.duosecurity.com", path: "/test/v1",
                parameters: Parameters(),
                body: Array(#"{"realname":"First Last","username":"root"}"#.utf8)),
            version: .v5, sha1: nil,
            sha512: "7d02409a152764843cccd8284da153b3fb446baad5f998886325e24bc9cd4a24"
                + "4de85ad4bfa7ea285d68209f160835673d8b4f1e1b23d9cd521d26bfe7f366a4"),
        header(
            "H1", "GET",
            "c454639d75b4e3d99b8b1d5e41cd7bb2d2d8ba55f6811f786dfb0edd4facd2f3"
                + "a5e6d6c837f31f6826706325b4ed7dcdc5f11164948e57a7032a524990e01583"),
        header(
            "H2", "POST", body: "{}",
            "12a05d783b2e58e36f37df8a6907835496fbe20fb3d04b15036c82b1694fc58d"
                + "1c0451b937fb9ba6e7c2b44d89b473af708166183d216aea13e52742a57f239f"),
        header(
            "H3", "GET", query: "foo=bar",
            "88fe80f3b242b992f4b301408d524a886274d3ed0c4c7bd184e1b4ff378e68ea"
                + "05d9433c09938078c49517a6c4264c950be9ff5cc28ad2d448cea24bc93887ca"),
        header(
            "H4", "POST", body: #"{"foo":"bar"}"#,
            "643770af31006c584a758d926250e46a90d79100d21f7a0313c3e77d64fa3c5d"
                + "2c94e2c9081a2b65343cc3d5f2ed21f7300ea50b00640cb1760f323192307d37"),
        header(
            "H5", "GET", query: "bool=true&foo=bar&one=1", more: duoHeaders,
            "d46556726800415dc78cefc3fb4e11dcf3ee1342904f276ed5c8e3427878bd53"
                + "76ea6c5551b90bf707fab53f6f1d20a114898898705d28268824edd0be5f1d53"),
        header(
            "H6", "POST", body: #"{"bool":"true","foo":"bar","one":"1"}"#, more: duoHeaders,
            "def7b7359b0399543b61d3d1a4252c1908eb486039168aa7d1c93545f052e121"
                + "062e4d0d3cae80f0f125dc497c43c53b62c9db58cacd21394a3b17ad972e3793"),
        header(
            "H7", "POST", body: #"{"bool":"true","foo":"bar","one":"1"}"#,
            "68cab6a42be216a0e055772ed8d8870b383fc986ee4bd7b9234689e239be677c"
                + "8edf61e33eaddd83e2b9414c98ff30bfca0bf2e1f44831074f5c474bf4af9fd7"),
    ]

    private static let duoHeaders = [("X-Duo-Foo", "bar"), ("non-duo-bar", "duo"), ("x-duo-bar", "foo")]

    private static func header(
        _ name: String, _ method: String, query: String = "", body: String = "", more: [(String, String)] = [],
        _ sha512: String
    ) -> Request {
        let date = "Fri, 24 May 2024 12:00:00 -0000"
        return Request(
            name: name, key: String(repeating: "test", count: 10),
            canonical: CanonicalRequest(
                date: date, method: method, host: "api-xxxxxxxx.duosecurity.com", path: "/api/path",
                parameters: Parameters(form: query) ?? Parameters(), body: Array(body.utf8),
                headers: (more + [("x-duo-date", date)]).map { (name: $0.0, value: $0.1) }),
            version: .v5, sha1: nil, sha512: sha512)
    }
}
