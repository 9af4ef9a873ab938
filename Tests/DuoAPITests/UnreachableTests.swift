import Foundation
import Testing

@testable import DuoAPI

@Suite struct UnreachableTests {
    private func api(port: UInt16, connectTimeout: Duration = .seconds(5)) throws -> AuthAPI {
        let host = try #require(APIHost("localhost:\(port)"))
        return AuthAPI(host: host, try Transport(TransportOptions(connectTimeout: connectTimeout)))
    }

    @Test("A refused connection says so, with the system's reason")
    func refused() async throws {
        // Bound, so that nobody else listens there meanwhile.
        let socket = try ListeningSocket(backlog: nil)
        let api = try api(port: socket.port)
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(5)) }
        #expect(error == .unreachable(.connect(errno: ECONNREFUSED)))
        #expect(error?.isUnreachable == true)
        withExtendedLifetime(socket) {}
    }

    @Test("A peer that takes the connection and says nothing ends with the connect timeout, in the handshake")
    func silent() async throws {
        let socket = try ListeningSocket(backlog: 8)
        let api = try api(port: socket.port, connectTimeout: .milliseconds(300))
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(10)) }
        #expect(error == .unreachable(.timedOut(.handshake)))
    }

    @Test("A black hole ends with the connect timeout")
    func blackHole() async throws {
        let socket = try ListeningSocket(backlog: 0)
        try socket.fillBacklog()
        let api = try api(port: socket.port, connectTimeout: .milliseconds(300))
        let elapsed = try await ContinuousClock().measure {
            let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(90)) }
            try #require(error == .unreachable(.timedOut(.connect)))
        }
        // Far from the deadline, however busy the machine is.
        #expect(elapsed < .seconds(45))
    }

    @Test("The deadline of the call ends it before the connect timeout does")
    func deadline() async throws {
        let socket = try ListeningSocket(backlog: 8)
        let api = try api(port: socket.port)
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .milliseconds(200)) }
        #expect(error == .unreachable(.timedOut(.handshake)))
    }

    @Test("A deadline that has passed sends nothing")
    func passed() async throws {
        let api = try api(port: 1)
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .zero) }
        #expect(error == .unreachable(.timedOut(.answer)))
    }

    @Test("A name that does not resolve is told apart")
    func dns() async throws {
        let host = try #require(APIHost("nowhere.invalid"))
        let api = AuthAPI(host: host, try Transport(TransportOptions(connectTimeout: .seconds(1))))
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(5)) }
        // Without a reachable resolver the lookup times out instead.
        #expect(error == .unreachable(.dns) || error == .unreachable(.timedOut(.lookup)))
    }
}

/// A TCP socket on loopback that listens and never accepts.
final class ListeningSocket {
    let port: UInt16
    private let host: String
    private let descriptor: Int32
    private var clients: [Int32] = []

    /// `backlog` nil: it has its port, and does not listen.
    init(address host: String = "127.0.0.1", port wanted: UInt16 = 0, backlog: Int32?) throws {
        self.host = host
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr(host)
        address.sin_port = wanted.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && (backlog.map { listen(descriptor, $0) } ?? 0) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(bound)
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        for client in clients { close(client) }
        close(descriptor)
    }

    /// Connects until the kernel drops what comes next.
    func fillBacklog() throws {
        for _ in 0..<4 {
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            clients.append(client)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = inet_addr(host)
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            var poller = pollfd(fd: client, events: Int16(POLLOUT), revents: 0)
            if poll(&poller, 1, 100) == 0 { return }
        }
        try #require(Bool(false), "the backlog cannot be filled here")
    }
}
