import DuoSimulator
import Foundation
import Secrets
import Testing

@testable import DuoAPI

@Suite struct ProxyTests {
    private let deadline = Duration.seconds(20)
    private static let authorization = "Basic " + Data("hop:s3cret:%".utf8).base64EncodedString()

    private func options(_ port: UInt16, user: String? = nil, password: String? = nil) -> TransportOptions {
        TransportOptions(
            proxy: Proxy(
                host: "127.0.0.1", port: port, user: user.map { Secret($0) }, password: password.map { Secret($0) }))
    }

    @Test("Every call goes through the proxy, which sees the host, its own credentials and nothing of Duo's")
    func tunnel() async throws {
        let proxy = try ConnectProxy(.relay(authorization: Self.authorization))
        let options = options(proxy.port, user: "hop", password: "s3cret:%")
        try await withSimulator(transport: options) { simulator, api in
            _ = try await api.ping(deadline: deadline)
            let result = try await api.passcode(.user("alice"), passcode: Secret("100001"), deadline: deadline)
            #expect(result.withoutMessage == .allow(.allow, message: ""))
            #expect(await simulator.cloud.connections().accepted == 1)
            #expect(proxy.heads.count == 1)
            let head = try #require(proxy.heads.first)
            #expect(head.hasPrefix("CONNECT \(simulator.apiHost) HTTP/1.1\r\n"))
            #expect(!head.contains("\r\nAuthorization") && !head.contains("X-Duo-Date"))
        }
    }

    @Test("Wrong credentials are a refusal of the proxy's, with a sentence of its own that shows none of them")
    func credentials() async throws {
        let proxy = try ConnectProxy(.relay(authorization: Self.authorization))
        try await withSimulator(transport: options(proxy.port, user: "hop", password: "wr0ng")) { simulator, api in
            let error = await failure { () async throws(DuoError) in try await api.ping(deadline: deadline) }
            #expect(error == .unreachable(.proxy(.refused(status: 407))))
            #expect(error?.isUnreachable == true)
            let sentence = try #require(error).explanation(host: api.host)
            #expect(sentence.contains("407") && sentence.contains("credentials") && !sentence.contains("wr0ng"))
            #expect(await simulator.cloud.connections().accepted == 0)
        }
    }

    @Test("No dump of the options shows the proxy's credentials")
    func redacted() {
        let options = options(3128, user: "hop", password: "s3cret")
        var text = "\(options) \(String(reflecting: options))"
        dump(options, to: &text)
        #expect(!text.contains("s3cret") && !text.contains("hop"))
    }

    @Test(
        "A proxy that is down or refuses means that Duo is unreachable",
        arguments: [
            (ConnectProxy.Behaviour.status(403), ProxyFault.refused(status: 403)),
            (.status(502), .refused(status: 502)), (.status(302), .refused(status: 302)),
            (.hangUp, .connectionLost), (.silent, .timedOut),
        ])
    func refusal(behaviour: ConnectProxy.Behaviour, fault: ProxyFault) async throws {
        let proxy = try ConnectProxy(behaviour)
        var options = options(proxy.port)
        options.connectTimeout = .seconds(2)
        let api = AuthAPI(host: try #require(APIHost("localhost:1")), try Transport(options))
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: deadline) }
        #expect(error == .unreachable(.proxy(fault)))
        #expect(error?.isUnreachable == true)
    }

    @Test("So does a proxy that is not there, or whose name nobody knows")
    func down() async throws {
        let host = try #require(APIHost("localhost:1"))
        let api = AuthAPI(host: host, try Transport(options(1)))  // tcpmux: nobody listens there
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: deadline) }
        #expect(error == .unreachable(.proxy(.connect(errno: ECONNREFUSED))))
        let nameless = AuthAPI(
            host: host,
            try Transport(TransportOptions(proxy: Proxy(host: "nowhere.invalid", port: 1), connectTimeout: .seconds(1)))
        )
        let lost = await failure { () async throws(DuoError) in try await nameless.ping(deadline: deadline) }
        // Without a reachable resolver the lookup times out instead.
        #expect(lost == .unreachable(.proxy(.dns)) || lost == .unreachable(.proxy(.timedOut)))
    }

    @Test("Through a proxy too the certificate must be the API host's: one that intercepts is refused")
    func interception() async throws {
        let impostor = try await CannedServer(certificateFor: "proxy.example.org")
        let proxy = try ConnectProxy(.elsewhere(impostor.host.port))
        let other = try await TestAuthority()
        for (caFile, fault) in [
            (impostor.authority.caFile, CertificateFault.wrongHost), (other.caFile, .untrusted),
        ] {
            var options = options(proxy.port)
            options.caFile = caFile
            let api = AuthAPI(host: try #require(APIHost("api-1.duosecurity.com")), try Transport(options))
            let error = await failure { () async throws(DuoError) in try await api.ping(deadline: deadline) }
            #expect(error == .certificate(fault))
        }
    }

    @Test("A factor whose tunnel dies is not sent again")
    func once() async throws {
        let proxy = try ConnectProxy()
        try await withSimulator(transport: options(proxy.port)) { simulator, api in
            await simulator.cloud.setFault(.dropBeforeAnswer, path: "/auth/v2/auth", times: 1)
            let error = await failure { () async throws(DuoError) in
                try await api.startPush(.user("alice"), device: .auto, deadline: deadline)
            }
            #expect(error == .unreachable(.connectionLost))
            #expect(await simulator.cloud.count("auth") == 1)
        }
    }
}
