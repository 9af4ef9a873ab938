import Secrets
import Testing

@testable import DuoAPI

@Suite struct CertificateTests {
    @Test("A certificate of an unknown root is refused, and that is no reason for a fail mode")
    func untrusted() async throws {
        let server = try await CannedServer()
        let other = try await TestAuthority()
        let api = AuthAPI(host: server.host, try Transport(TransportOptions(caFile: other.caFile)))
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(5)) }
        #expect(error == .certificate(.untrusted))
        #expect(error?.isUnreachable == false)
    }

    @Test("Without a CA file the system's roots hold, which do not know the test's")
    func systemRoots() async throws {
        let server = try await CannedServer()
        let api = AuthAPI(host: server.host, try Transport())
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(5)) }
        #expect(error == .certificate(.untrusted) || error == .certificate(.caFileUnusable))
    }

    @Test("A certificate for another host is refused")
    func wrongHost() async throws {
        let server = try await CannedServer(certificateFor: "api.example.org")
        let api = AuthAPI(host: server.host, try server.transport())
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(5)) }
        #expect(error == .certificate(.wrongHost))
    }

    @Test("An expired certificate is refused as expired")
    func expired() async throws {
        let server = try await CannedServer(days: -1)
        let api = AuthAPI(host: server.host, try server.transport())
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(5)) }
        #expect(error == .certificate(.expired))
    }

    @Test("A CA file that does not exist refuses every certificate")
    func noCAFile() async throws {
        let server = try await CannedServer()
        let api = AuthAPI(
            host: server.host, try Transport(TransportOptions(caFile: server.authority.caFile + ".missing")))
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(5)) }
        #expect(error == .certificate(.caFileUnusable))
    }

    @Test("A self-signed certificate is refused, whether it is unknown or names another host")
    func selfSigned() async throws {
        let server = try await CannedServer(options: ["-cert", "ca.pem", "-key", "ca.key"])
        let other = try await TestAuthority()
        let strangers = try Transport(TransportOptions(caFile: other.caFile))
        for (transport, fault) in [(strangers, CertificateFault.untrusted), (try server.transport(), .wrongHost)] {
            let api = AuthAPI(host: server.host, transport)
            let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(20)) }
            #expect(error == .certificate(fault))
        }
    }

    @Test("A peer that speaks no TLS is refused in the handshake, and that is no reason for a fail mode")
    func noTLS() async throws {
        let proxy = try ConnectProxy(.status(200))
        let host = try #require(APIHost("localhost:\(proxy.port)"))
        let api = AuthAPI(host: host, try Transport())
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(20)) }
        #expect(error == .certificate(.handshake))
        #expect(error?.isUnreachable == false)
    }

    @Test("TLS 1.1 is refused in the handshake, and that is no reason for a fail mode")
    func oldProtocol() async throws {
        let server = try await CannedServer(options: ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
        let api = AuthAPI(host: server.host, try server.transport())
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(5)) }
        #expect(error == .certificate(.handshake))
        #expect(error?.isUnreachable == false)
    }

    @Test("The facts of a ping name protocol, cipher, issuer and expiry")
    func facts() async throws {
        let server = try await CannedServer(answer: .ok(#"{"stat":"OK","response":{"time":1700000100}}"#))
        let api = AuthAPI(host: server.host, try server.transport())
        let answer = try await api.ping(deadline: .seconds(5))
        #expect(answer.facts.reused == false)
        #expect(["127.0.0.1", "::1"].contains(answer.facts.remoteAddress))
        #expect(answer.facts.handshake > .zero && answer.facts.total >= answer.facts.handshake)
        let tls = try #require(answer.facts.tls)
        #expect(tls.version == "TLSv1.3")
        #expect(tls.cipher.hasPrefix("TLS_"))
        #expect(tls.resumed == false)
        #expect(tls.certificateIssuer?.contains("Test-CA") == true)
        #expect(try #require(tls.certificateExpiry) > 0)
        let authority = try #require(tls.authority)
        #expect(authority == (try CertificateAuthorities(file: server.authority.caFile).all.first))
        #expect(tls.chainExpiry == min(tls.certificateExpiry ?? 0, authority.expiry))
        #expect(api.transport.verifiedTLS == tls)
        #expect(api.clock.offset == 100 && api.clock.now == 1_700_000_100)
    }
}

extension String {
    /// An HTTP answer with status 200 and `body`.
    static func ok(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// An HTTP answer with `status`, further header lines and `body`.
    static func answer(_ status: Int, _ headers: [String] = [], body: String = "") -> String {
        (["HTTP/1.1 \(status) X", "Content-Length: \(body.utf8.count)"] + headers).joined(separator: "\r\n")
            + "\r\n\r\n" + body
    }
}
