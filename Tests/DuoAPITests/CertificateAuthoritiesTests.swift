import Foundation
import Testing

@testable import DuoAPI

@Suite struct CertificateAuthoritiesTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// SHA-256 of the roots in Duo's own clients since March 2025.
    private static let fingerprints: Set = [
        "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
        "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
        "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
        "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
        "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
        "2ce1cb0bf9d2f9e102993fbe215152c3b2dd0cabde1c68e5319b839154dbb7f5",
        "7431e5f4c3c1ce4690774f0b61e05440883ba9a01ed00ba6abd7806ed3b118cf",
        "018e13f0772532cf809bd1b17281867283fc48c6e13be9c69812854a490c1b05",
        "371a00dc0533b3721a7eeb40e8419e70799d2b0a0f2c1d80693165f7cec4ad75",
        "4fa3126d8d3a11d1c4855a4f807cbad6cf919d3a5a88b03bea2c6372d93c40c9",
        "cbb9c44d84b8043e1050ea31a69f514955d7bfd2e2c6b49301019ad61d9f5058",
        "8d25cd97229dbf70356bda4eb3cc734031e24cf00fafcfd32dc76eb5841c7ea8",
        "349dfa4058c5e263123b398ae795573c4e1313c83fe68f93556cd5e8031b3c7d",
        "5d56499be4d2e08bcfcad08a3e38723d50503bde706948e42f55603019e528ae",
        "983d826ba9c87f653ff9e8384c5413e1d59acf19ddc9c98cecae5fdea2ac229c",
    ]

    @Test("etc/duo-ca.pem holds the fifteen roots of Duo's own clients and no other")
    func shipped() throws {
        let file = Self.root.appendingPathComponent("etc/duo-ca.pem").path
        let authorities = try CertificateAuthorities(file: file)
        #expect(authorities.all.count == 15)
        #expect(Set(authorities.all.map(\.fingerprint)) == Self.fingerprints)
        let first = try #require(authorities.all.first)
        #expect(first.name == "DigiCert High Assurance EV Root CA")
        #expect(HTTPDate.day(unixTime: first.expiry) == "2031-11-10")
        #expect(authorities.all.map(\.expiry) == authorities.all.map(\.expiry).sorted())
    }

    @Test("What ends within ninety days is told, and what has ended")
    func ending() throws {
        let file = Self.root.appendingPathComponent("etc/duo-ca.pem").path
        let authorities = try CertificateAuthorities(file: file)
        let first = try #require(authorities.all.first)
        #expect(authorities.ending(now: first.expiry - 91 * 86_400).isEmpty)
        #expect(authorities.ending(now: first.expiry - 89 * 86_400) == [first])
        #expect(authorities.ending(now: first.expiry + 1) == [first])
        #expect(authorities.ending(now: .max).count == 15)
    }

    @Test("A transport can load the shipped roots, and refuses a server of another root")
    func loads() async throws {
        let server = try await CannedServer()
        let file = Self.root.appendingPathComponent("etc/duo-ca.pem").path
        let api = AuthAPI(host: server.host, try Transport(TransportOptions(caFile: file)))
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(20)) }
        #expect(error == .certificate(.untrusted))
    }

    @Test("A file that is no bundle says why")
    func broken() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("duoapi-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let good = try String(
            contentsOfFile: Self.root.appendingPathComponent("etc/duo-ca.pem").path, encoding: .utf8)
        let file = folder.appendingPathComponent("ca.pem")
        func error(_ text: String) throws -> CertificateAuthoritiesError? {
            try Data(text.utf8).write(to: file)
            do throws(CertificateAuthoritiesError) {
                _ = try CertificateAuthorities(file: file.path)
                return nil
            } catch {
                return error
            }
        }
        #expect(try error(good) == nil)
        #expect(try error("") == .empty)
        #expect(try error("no certificates here\n") == .empty)
        #expect(
            try error(good + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
                == .malformed(position: 16))
        let encrypted = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA"
        #expect(
            try error("-----BEGIN CERTIFICATE-----\n\(encrypted)\n-----END CERTIFICATE-----\n")
                == .malformed(position: 1))
        #expect(try error(String(repeating: " ", count: (4 << 20) + 1)) == .tooLarge)
        #expect(throws: CertificateAuthoritiesError.unreadable(errno: ENOENT)) {
            try CertificateAuthorities(file: folder.appendingPathComponent("none").path)
        }
        #expect(throws: CertificateAuthoritiesError.unreadable(errno: EINVAL)) {
            try CertificateAuthorities(file: folder.path)
        }
    }

    @Test("This system's libcurl names the file it trusts")
    func system() throws {
        let file = try #require(CertificateAuthorities.systemFile)
        #expect(try CertificateAuthorities(file: file).all.count > 50)
    }
}
