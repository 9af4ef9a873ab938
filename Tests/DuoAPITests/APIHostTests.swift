import Testing

@testable import DuoAPI

@Suite struct APIHostTests {
    @Test(
        "A host name, perhaps with a port, is taken in lower case",
        arguments: [
            ("api-1a2b3c4d.duosecurity.com", "api-1a2b3c4d.duosecurity.com", 443),
            ("API-X.DuoSecurity.com", "api-x.duosecurity.com", 443),
            ("localhost:8443", "localhost:8443", 8443),
            ("localhost:443", "localhost", 443),
        ] as [(String, String, UInt16)])
    func taken(text: String, authority: String, port: UInt16) throws {
        let host = try #require(APIHost(text))
        #expect(host.authority == authority && host.port == port)
    }

    @Test(
        "Nothing else reaches a URL",
        arguments: [
            "", ":443", "a:", "a:0", "a:65536", "a:+1", "a:1:2", "a/b", "a@b", "a b", "a?b", "a#b", "a%2eb", "a\\b",
            "a..b", ".a", "a.", "-a", "a-", "a_b", "ä", "[::1]", "https://a", "a\r\nX: y",
        ])
    func refused(text: String) {
        #expect(APIHost(text) == nil)
    }
}
