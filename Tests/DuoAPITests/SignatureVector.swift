import Secrets
import Testing

@testable import DuoAPI

/// Requests and their signatures as Duo's own clients test them.
struct SignatureVector: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let key: String
    let signature: Signature
    let hex: String

    static let all = [
        SignatureVector(
            testDescription: "T1", key: "gtdfxv9YgVBYcF6dl2Eq17KUQJN2PLM2ODVTkvoT",
            signature: Signature(
                date: "Fri, 07 Dec 2012 17:18:00 -0000", method: "PoSt", host: "foO.BAr52.cOm", path: "/Foo/BaR2/qux",
                parameters: Parameters(ParametersTests.unicode).encoded),
            hex: "0508065035a03b2a1de2f453e629e791d180329e157f65df6b3e0f08299d4321"
                + "e1c5c7a7c7ee6b9e5fc80d1fb6fbf3ad5eb7c44dd3b3985a02c37aca53ec3698"),
        t2,
        SignatureVector(
            testDescription: "T3", key: accountKey,
            signature: Signature(
                version: .v5, date: docsDate, method: "POST", host: "api-XXXXXXXX.duosecurity.com",
                path: "/accounts/v1/account/list", parameters: Parameters([("realname", "First Last")]).encoded,
                body: Secret(#"{"txid":"f22b1678-252a-4070-b176-0ca2be7319fd"}"#)),
            hex: "78f4327f831173cc78d0907e913e3c5a28fe72dd4545a342586bb67181f2ba39"
                + "3d20911e870362f6faba3dc6f7e9db5e93aed2f3bfc110c6dadaff4dc6179e0b"),
        SignatureVector(
            testDescription: "T4", key: "test_skey",
            signature: Signature(
                date: docsDate, method: "POST", host: "test.duosecurity.com", path: "/test/v1",
                parameters: root.encoded),
            hex: "042a30c682bd836fc5ba467891a956eaa10091ca0f73a7fb396aefd56a3529e5"
                + "6932dea427a67213af664ba6841689ff2336b7a373766ea5ab7ab9fe2638226b"),
        SignatureVector(
            testDescription: "T5", key: "test_skey",
            signature: Signature(
                version: .v5, date: docsDate, method: "POST", host: "test.duosecurity.com", path: "/test/v1",
                parameters: Secret(""), body: root.json),
            hex: "7d02409a152764843cccd8284da153b3fb446baad5f998886325e24bc9cd4a24"
                + "4de85ad4bfa7ea285d68209f160835673d8b4f1e1b23d9cd521d26bfe7f366a4"),
        withHeaders(
            "H1", "GET", "",
            "c454639d75b4e3d99b8b1d5e41cd7bb2d2d8ba55f6811f786dfb0edd4facd2f3"
                + "a5e6d6c837f31f6826706325b4ed7dcdc5f11164948e57a7032a524990e01583"),
        withHeaders(
            "H2", "POST", body: Parameters().json,
            "12a05d783b2e58e36f37df8a6907835496fbe20fb3d04b15036c82b1694fc58d"
                + "1c0451b937fb9ba6e7c2b44d89b473af708166183d216aea13e52742a57f239f"),
        withHeaders(
            "H3", "GET", "foo=bar",
            "88fe80f3b242b992f4b301408d524a886274d3ed0c4c7bd184e1b4ff378e68ea"
                + "05d9433c09938078c49517a6c4264c950be9ff5cc28ad2d448cea24bc93887ca"),
        withHeaders(
            "H4", "POST", body: Parameters([("foo", "bar")]).json,
            "643770af31006c584a758d926250e46a90d79100d21f7a0313c3e77d64fa3c5d"
                + "2c94e2c9081a2b65343cc3d5f2ed21f7300ea50b00640cb1760f323192307d37"),
        withHeaders(
            "H5", "GET", "bool=true&foo=bar&one=1", more: duoHeaders,
            "d46556726800415dc78cefc3fb4e11dcf3ee1342904f276ed5c8e3427878bd53"
                + "76ea6c5551b90bf707fab53f6f1d20a114898898705d28268824edd0be5f1d53"),
        withHeaders(
            "H6", "POST", body: three.json, more: duoHeaders,
            "def7b7359b0399543b61d3d1a4252c1908eb486039168aa7d1c93545f052e121"
                + "062e4d0d3cae80f0f125dc497c43c53b62c9db58cacd21394a3b17ad972e3793"),
        withHeaders(
            "H7", "POST", body: three.json,
            "68cab6a42be216a0e055772ed8d8870b383fc986ee4bd7b9234689e239be677c"
                + "8edf61e33eaddd83e2b9414c98ff30bfca0bf2e1f44831074f5c474bf4af9fd7"),
    ]

    static let t2 = SignatureVector(
        testDescription: "T2", key: accountKey,
        signature: Signature(
            date: docsDate, method: "POST", host: "api-XXXXXXXX.duosecurity.com", path: "/accounts/v1/account/list",
            parameters: root.encoded),
        hex: "1bffb8924348f7db7da9e7d7d749ded93aafd02d8e904960da7b96c575102201"
            + "85a64a2827ee8f24ac5d30802a9ee97e59de44b304b18242f0d596d15a8122af")

    private static let accountKey = "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep"
    private static let docsDate = "Tue, 21 Aug 2012 17:29:18 -0000"
    private static let root = Parameters([("username", "root"), ("realname", "First Last")])
    private static let three = Parameters([("one", "1"), ("foo", "bar"), ("bool", "true")])

    static let headerDate = "Fri, 24 May 2024 12:00:00 -0000"
    static let duoHeaders = [("X-Duo-Foo", "bar"), ("non-duo-bar", "duo"), ("x-duo-bar", "foo")]

    static func withHeaders(
        _ name: String, _ method: String, _ query: String = "", body: Secret = Secret(""),
        more: [(String, String)] = [], _ hex: String
    ) -> SignatureVector {
        SignatureVector(
            testDescription: name, key: String(repeating: "test", count: 10),
            signature: Signature(
                version: .v5, date: headerDate, method: method, host: "api-xxxxxxxx.duosecurity.com",
                path: "/api/path", parameters: Secret(query), body: body,
                headers: (more + [("X-Duo-Date", headerDate)]).map { (name: $0.0, value: $0.1) }),
            hex: hex)
    }
}
