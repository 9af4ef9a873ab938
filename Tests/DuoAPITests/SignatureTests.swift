import Secrets
import Testing

@testable import DuoAPI

/// Duo's published vectors, as its own clients test them.
@Suite struct SignatureTests {
    @Test("A request signs as in Duo's vectors", arguments: SignatureVector.all)
    func signs(vector: SignatureVector) {
        #expect(vector.signature.hex(key: Secret(vector.key)) == vector.hex)
    }

    @Test("Version 2 signs five lines, method in upper case and host in lower case")
    func canonical() {
        #expect(
            SignatureVector.t2.signature.canonical?.text == """
                Tue, 21 Aug 2012 17:29:18 -0000
                POST
                api-xxxxxxxx.duosecurity.com
                /accounts/v1/account/list
                realname=First%20Last&username=root
                """)
    }

    private static let emptyHash =
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
        + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"

    @Test("Version 5 signs seven lines, the fifth empty for a POST, the last one a hash even without headers")
    func sevenLines() {
        let signature = Signature(
            version: .v5, date: "D", method: "post", host: "H", path: "/p", parameters: Secret(""),
            body: Parameters().json)
        #expect(
            signature.canonical?.text == """
                D
                POST
                h
                /p

                27c74670adb75075fad058d5ceaf7b20c4e7786c83bae8a32f626f9782af34c9\
                a33c2046ef60fd2a7878d378e29fec851806bbd9a67878f3a9f1cda4830763fd
                \(Self.emptyHash)
                """)
    }

    private func lastLine(_ headers: [(String, String)]) -> String? {
        let signature = Signature(
            version: .v5, date: "D", method: "GET", host: "h", path: "/", parameters: Secret(""),
            headers: headers.map { (name: $0.0, value: $0.1) })
        return signature.canonical?.text.split(separator: "\n").last.map(String.init)
    }

    private static let date = ("x-duo-date", SignatureVector.headerDate)

    @Test(
        "The seventh line hashes the X-Duo- headers, by name, and no others",
        arguments: [
            ([], emptyHash),
            ([("Host", "h"), ("Content-Type", "application/json")], emptyHash),
            (
                [date],
                "fa03691e132cfedf936dc9f9b86f7183697dd258d380fc55e3a91567a6cb4dac"
                    + "2ef24cac5df934ff39cd9fba99b3ed180a8a5cf234c27832b1c5660db2a9c15d"
            ),
            (
                SignatureVector.duoHeaders + [date],
                "e16df98e3a9fdae75df8abc62d72a638d630b08ecdd49d326dab7bc077748884"
                    + "30415f912d35bb3cde1ec14c4ca50613e8020577f1e6d8a2230b760ba8988a91"
            ),
            (
                [("X-Duo-Header-1", "header_value_1")],
                "630b4bfe7e9abd03da2eee8f0a5d4e60a254ec880a839bcc2223bb5b9443e8ef"
                    + "24d58f0254f1f5934bf8c017ebd0fd5b1acf86766bdbe74185e712a4092df3ed"
            ),
            (
                [("X-Duo-B", "header_value_2"), ("x-duo-A", "header_value_1")],
                "60be11a30e0756f2ee2afdce1db849b987dcf86c1133394bd7bbbc9877920330"
                    + "c4d78aceacbb377ab8cbd9a8efe6a410fed4047376635ac71226ab46ca10d2b1"
            ),
        ] as [([(String, String)], String)])
    func headers(headers: [(String, String)], hash: String) {
        #expect(lastLine(headers) == hash)
    }

    private static let bodyHashes: [(String, String)] = [
        ("", emptyHash),
        (
            "{}",
            "27c74670adb75075fad058d5ceaf7b20c4e7786c83bae8a32f626f9782af34c9"
                + "a33c2046ef60fd2a7878d378e29fec851806bbd9a67878f3a9f1cda4830763fd"
        ),
        (
            #"{"limit":10,"offset":2}"#,
            "66fabab062974c3dd3f4d27284e41bf8121d71c0e63e95631992062ef5d1a405"
                + "8403af3482c8c32ae63cd724cbf0aa793a931ef273539ef6f3745751c22f25f6"
        ),
        (
            #"{"activation_code":"duo://x1bTAIQGWXppdi2ctPVn-YXBpLWR1bzEuZHVvLnRlc3Q","#
                + #""user_id":"DU439XKOX2W6LMYHWLEV"}"#,
            "9ddab7d898836a76fafbb0dcef7bc83f14036b39bbb1ebbe43044f7c76338fa6"
                + "99eba8f0d3ecb329a084f32ef23c8a1609efad25032923b651e6f3f6d2f7b773"
        ),
        (
            #"{"alpha":["a","b","c","d"],"data":"abc123","info":{"another":2,"test":1}}"#,
            "c30ca4ffc7fe4272aa6ae7a3c94cf71c11ed8ae7aaa32e81a401a59f1cef0866"
                + "ccb02304380cdc48a813b1566c457653fa62736022f0cfeadcec8cd7c6233480"
        ),
        (
            "I am an ascii string",
            "c1710f1224e4973bfbb9ca1a297e63756a4b1736ebd1b646ba3d63a392b73d24"
                + "a52ac8b4afb6eafca6dfe91f09e2e75117c377398a7d2f22136b05c038b94151"
        ),
    ]

    @Test("Bodies hash as in Duo's vectors", arguments: bodyHashes)
    func bodies(body: String, hash: String) {
        #expect(Digest.sha512(Secret(body)) == hash)
    }

    @Test("The JSON that parameters make is the one of Duo's documentation")
    func documentedBody() {
        let parameters = Parameters([
            ("username", "narroway"), ("factor", "push"), ("device", "auto"), ("ipaddr", "10.2.3.4"),
            ("hostname", "wks01"),
        ])
        #expect(
            Digest.sha512(parameters.json)
                == "571f07f529b16c2a50431be8c053931512b79ce8df80652830d8f8fd9244a5d5"
                + "6559dc1faa55e0bef19f4156f457dd75903fd21422f6ce8acfbd9ce031638aeb")
    }

    @Test("The header is Basic with integration key and digest, in one line")
    func header() {
        let credentials = Credentials(
            integrationKey: "DIWJ8X6AEYOR5OMC6TQ1", secretKey: Secret(SignatureVector.t2.key))
        #expect(
            SignatureVector.t2.signature.authorization(credentials)
                == "Basic RElXSjhYNkFFWU9SNU9NQzZUUTE6MWJmZmI4OTI0MzQ4ZjdkYjdkYTllN2Q3ZDc0OWRlZDkzYWFmZDAyZDhlOTA0"
                + "OTYwZGE3Yjk2YzU3NTEwMjIwMTg1YTY0YTI4MjdlZThmMjRhYzVkMzA4MDJhOWVlOTdlNTlkZTQ0YjMwNGIxODI0MmYwZDU5"
                + "NmQxNWE4MTIyYWY=")
    }

    @Test("A request without parameters ends with an empty line")
    func empty() {
        let signature = Signature(
            date: "D", method: "get", host: "H", path: "/p", parameters: Parameters().encoded)
        #expect(signature.canonical?.text == "D\nGET\nh\n/p\n")
        #expect(signature.hex(key: Secret("k"))?.count == 128)
    }
}

extension Secret {
    /// For expectations only.
    var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }
}
