import Foundation
import Testing

@testable import DuoAPI

/// What concerns the whole process: each test has one of its own.
@Suite struct ProcessTests {
    @Test("A proxy of the environment is not asked")
    func proxy() async {
        await #expect(processExitsWith: .success) {
            for name in ["https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
                setenv(name, "http://localhost:1", 1)
            }
            let server = try await CannedServer(answer: .ok(#"{"stat":"OK","response":{"time":1700000000}}"#))
            let api = AuthAPI(host: server.host, try server.transport())
            #expect(try await api.ping(deadline: .seconds(5)).time == 1_700_000_000)
        }
    }

    @Test("Exceptions of the environment do not lead around the configured proxy")
    func noProxy() async {
        await #expect(processExitsWith: .success) {
            for name in ["no_proxy", "NO_PROXY"] { setenv(name, "*", 1) }
            let proxy = try ConnectProxy()
            let server = try await CannedServer(answer: .ok(#"{"stat":"OK","response":{"time":1700000000}}"#))
            var options = TransportOptions(proxy: Proxy(host: "127.0.0.1", port: proxy.port))
            options.caFile = server.authority.caFile
            let api = AuthAPI(host: server.host, try Transport(options))
            #expect(try await api.ping(deadline: .seconds(20)).time == 1_700_000_000)
            #expect(proxy.heads.count == 1)
        }
    }

    @Test("A process without free descriptors is no unreachable Duo, whether it resolves a name or connects")
    func descriptors() async {
        await #expect(processExitsWith: .success) {
            let socket = try ListeningSocket(backlog: 8)
            let transport = try Transport()
            // Starts what is started once, and lets libcurl open what it keeps open.
            let localhost = AuthAPI(host: try #require(APIHost("localhost:1")), transport)
            _ = await failure { () async throws(DuoError) in try await localhost.ping(deadline: .seconds(5)) }
            var limit = rlimit()
            try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            let before = limit.rlim_cur
            defer {
                // Sanitizers need descriptors at the end.
                limit.rlim_cur = before
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            }
            limit.rlim_cur = 3
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            for name in ["127.0.0.1", "localhost"] {
                let api = AuthAPI(host: try #require(APIHost("\(name):\(socket.port)")), transport)
                let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(5)) }
                #expect(error == .local(.system(errno: EMFILE)), "\(name)")
            }
        }
    }

    @Test("Transports that come and go leave no descriptor and no thread behind")
    func leaks() async {
        await #expect(processExitsWith: .success) {
            let server = try await CannedServer(answer: .ok(#"{"stat":"OK","response":{"time":1700000000}}"#))
            func use() async throws {
                let api = AuthAPI(host: server.host, try server.transport())
                _ = try await api.ping(deadline: .seconds(5))
                let abandoned = Task { try await api.ping(deadline: .seconds(5)) }
                abandoned.cancel()
                _ = await abandoned.result
            }
            func count(_ folder: String) throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/\(folder)").count
            }
            for _ in 0..<5 { try await use() }
            let before = (try count("fd"), try count("task"))
            for _ in 0..<50 { try await use() }
            #expect(try count("fd") <= before.0)
            // Swift's pool and libcurl's resolvers (which end by themselves) may have a few more or fewer.
            #expect(try count("task") <= before.1 + 4)
        }
    }
}
