import Foundation
import Synchronization
import Testing

/// An HTTP proxy on loopback that knows CONNECT and nothing else, on threads of its own.
final class ConnectProxy: Sendable {
    enum Behaviour: Sendable {
        /// Opens the tunnel; the second value is the `Proxy-Authorization` that it wants, if any.
        case relay(authorization: String? = nil)
        /// Answers with this status and hangs up.
        case status(Int)
        case hangUp
        /// Reads and never answers.
        case silent
        /// Opens the tunnel; after so many bytes from the server, lets through ten every 50 ms.
        case slow(after: Int)
        /// Opens a tunnel to another port of this host than it was asked for.
        case elsewhere(UInt16)
    }

    let port: UInt16
    private let listener: Int32
    private let seen = Seen()

    /// The head of each request, in order.
    var heads: [String] { seen.heads.withLock { $0 } }

    private final class Seen: Sendable {
        let heads = Mutex<[String]>([])
    }

    init(_ behaviour: Behaviour = .relay()) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(bound)
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [seen] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { break }
                Thread.detachNewThread {
                    Self.serve(client, behaviour) { head in seen.heads.withLock { $0.append(head) } }
                    close(client)
                }
            }
            close(descriptor)
        }
    }

    deinit {
        // The accepting thread wakes up and closes it.
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private static func serve(_ client: Int32, _ behaviour: Behaviour, note: (String) -> Void) {
        guard let head = readHead(client) else { return }
        note(head)
        let port: UInt16
        var rate = Int.max
        switch behaviour {
        case .relay(let authorization):
            if let authorization, !head.contains("\r\nProxy-Authorization: \(authorization)\r\n") {
                return say(client, "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\nRetry-After: 1\r\n\r\n")
            }
            guard let asked = askedPort(head) else { return }
            port = asked
        case .slow(let after):
            guard let asked = askedPort(head) else { return }
            (port, rate) = (asked, after)
        case .elsewhere(let other): port = other
        case .status(let status): return say(client, "HTTP/1.1 \(status) X\r\nContent-Length: 0\r\n\r\n")
        case .hangUp: return
        case .silent:
            var byte: UInt8 = 0
            while read(client, &byte, 1) > 0 {}
            return
        }
        guard let server = connected(to: port) else { return say(client, "HTTP/1.1 502 Down\r\n\r\n") }
        defer { close(server) }
        let opened = "HTTP/1.1 200 Connection established\r\n\r\n"
        _ = send(client, opened, opened.utf8.count, Int32(MSG_NOSIGNAL))
        relay(client, server, freely: rate)
    }

    /// On either loopback: which one "localhost" is differs from machine to machine.
    private static func connected(to port: UInt16) -> Int32? {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port)
        if connects(server, &address) { return server }
        close(server)
        let other = socket(AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address6 = sockaddr_in6()
        address6.sin6_family = sa_family_t(AF_INET6)
        address6.sin6_addr = in6addr_loopback
        address6.sin6_port = port.bigEndian
        if connects(other, &address6) { return other }
        close(other)
        return nil
    }

    private static func connects<Address>(_ socket: Int32, _ address: inout Address) -> Bool {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<Address>.size)) == 0
            }
        }
    }

    private static func relay(_ client: Int32, _ server: Int32, freely: Int) {
        var left = freely
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            var pollers = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                pollfd(fd: server, events: Int16(POLLIN), revents: 0),
            ]
            // A tunnel that nobody uses ends by itself.
            guard poll(&pollers, 2, 30_000) > 0 else { return }
            for (index, poller) in pollers.enumerated() where poller.revents != 0 {
                let isAnswer = index == 1
                let limited = isAnswer && left <= 0
                if limited { usleep(50_000) }
                let count = read(poller.fd, &buffer, limited ? 10 : buffer.count)
                guard count > 0, send(isAnswer ? client : server, buffer, count, Int32(MSG_NOSIGNAL)) == count else {
                    return
                }
                if isAnswer { left -= count }
            }
        }
    }

    private static func readHead(_ client: Int32) -> String? {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard head.count < 16_384, read(client, &byte, 1) == 1 else { return nil }
            head.append(byte)
            // Not HTTP (a TLS handshake begins with 22): answered all the same.
            if head == [22] { return "" }
        }
        return String(decoding: head, as: UTF8.self)
    }

    private static func askedPort(_ head: String) -> UInt16? {
        let words = head.split(separator: " ")
        guard words.count > 1, words[0] == "CONNECT" else { return nil }
        return words[1].split(separator: ":").last.flatMap { UInt16($0) }
    }

    private static func say(_ client: Int32, _ text: String) {
        _ = send(client, text, text.utf8.count, Int32(MSG_NOSIGNAL))
        shutdown(client, Int32(SHUT_WR))
        // Until the peer has read it: closing at once would reset the connection.
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var byte: UInt8 = 0
        while read(client, &byte, 1) > 0 {}
    }
}

private func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    address.sin_port = port.bigEndian
    return address
}
