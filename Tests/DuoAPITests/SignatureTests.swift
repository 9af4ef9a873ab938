import Secrets
import Testing

@testable import DuoAPI

/// Duo's published vectors, as its own clients test them.
@Suite struct SignatureTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let key: String
        let date: String
        let method: String
        let host: String
        let path: String
        let parameters: Parameters
        let hex: String
    }

    static let vectors = [
        Vector(
            testDescription: "T1", key: "gtdfxv9YgVBYcF6dl2Eq17KUQJN2PLM2ODVTkvoT",
            date: "Fri, 07 Dec 2012 17:18:00 -0000", method: "PoSt", host: "foO.BAr52.cOm", path: "/Foo/BaR2/qux",
            parameters: Parameters(ParametersTests.unicode),
            hex: "0508065035a03b2a1de2f453e629e791d180329e157f65df6b3e0f08299d4321"
                + "e1c5c7a7c7ee6b9e5fc80d1fb6fbf3ad5eb7c44dd3b3985a02c37aca53ec3698"),
        Vector(
            testDescription: "T2", key: "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep",
            date: "Tue, 21 Aug 2012 17:29:18 -0000", method: "POST", host: "api-XXXXXXXX.duosecurity.com",
            path: "/accounts/v1/account/list",
            parameters: Parameters([("username", "root"), ("realname", "First Last")]),
            hex: "1bffb8924348f7db7da9e7d7d749ded93aafd02d8e904960da7b96c575102201"
                + "85a64a2827ee8f24ac5d30802a9ee97e59de44b304b18242f0d596d15a8122af"),
        Vector(
            testDescription: "T4", key: "test_skey", date: "Tue, 21 Aug 2012 17:29:18 -0000", method: "POST",
            host: "test.duosecurity.com", path: "/test/v1",
            parameters: Parameters([("realname", "First Last"), ("username", "root")]),
            hex: "042a30c682bd836fc5ba467891a956eaa10091ca0f73a7fb396aefd56a3529e5"
                + "6932dea427a67213af664ba6841689ff2336b7a373766ea5ab7ab9fe2638226b"),
    ]

    private func signature(_ vector: Vector) -> Signature {
        Signature(
            date: vector.date, method: vector.method, host: vector.host, path: vector.path,
            parameters: vector.parameters.encoded)
    }

    @Test("A request signs as in Duo's vectors", arguments: vectors)
    func signs(vector: Vector) {
        #expect(signature(vector).hex(key: Secret(vector.key)) == vector.hex)
    }

    @Test("The signed text has five lines, method in upper case and host in lower case")
    func canonical() {
        #expect(
            signature(Self.vectors[1]).canonical.text == """
                Tue, 21 Aug 2012 17:29:18 -0000
                POST
                api-xxxxxxxx.duosecurity.com
                /accounts/v1/account/list
                realname=First%20Last&username=root
                """)
    }

    @Test("The header is Basic with integration key and digest, in one line")
    func header() {
        let credentials = Credentials(integrationKey: "DIWJ8X6AEYOR5OMC6TQ1", secretKey: Secret(Self.vectors[1].key))
        #expect(
            signature(Self.vectors[1]).authorization(credentials)
                == "Basic RElXSjhYNkFFWU9SNU9NQzZUUTE6MWJmZmI4OTI0MzQ4ZjdkYjdkYTllN2Q3ZDc0OWRlZDkzYWFmZDAyZDhlOTA0"
                + "OTYwZGE3Yjk2YzU3NTEwMjIwMTg1YTY0YTI4MjdlZThmMjRhYzVkMzA4MDJhOWVlOTdlNTlkZTQ0YjMwNGIxODI0MmYwZDU5"
                + "NmQxNWE4MTIyYWY=")
    }

    @Test("A request without parameters ends with an empty line")
    func empty() {
        let signature = Signature(
            date: "D", method: "get", host: "H", path: "/p", parameters: Parameters().encoded)
        #expect(signature.canonical.text == "D\nGET\nh\n/p\n")
        #expect(signature.hex(key: Secret("k"))?.count == 128)
    }
}

extension Secret {
    /// For expectations only.
    var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }
}
