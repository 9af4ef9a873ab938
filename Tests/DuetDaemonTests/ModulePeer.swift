import Dispatch
import DuetWire
import Glibc
import Synchronization

/// The module's side of the login socket, by hand: sends what a test wants, well formed or not.
final class ModulePeer: Sendable {
    enum Failure: Error {
        case connect(Int32)
        /// Nothing came within ten seconds.
        case silence
    }

    static let nonce = [UInt8](0..<16)
    private let socket: Int32
    /// Of its own: those of the global queue are the ones on which tasks run, and a few that block take them from all.
    private let reading = DispatchQueue(label: "a peer of the login socket")
    private let parser = Mutex(FrameParser<DaemonMessage>())

    init(path: String) throws {
        socket = try Self.connected(to: path)
    }

    static func connected(to path: String) throws -> Int32 {
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else { throw Failure.connect(errno) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        return socket
    }

    deinit { close(socket) }

    static func begin(
        _ user: String, service: String = "duet-test", silent: Bool = false, isTrial: Bool = false,
        timeout: Duration = .seconds(60)
    ) -> ModuleMessage {
        .begin(
            Begin(
                nonce: nonce, user: user, service: service, caller: 0, silent: silent, isTrial: isTrial,
                timeout: timeout))
    }

    func send(_ message: ModuleMessage) throws {
        send(try message.frame().bytes)
    }

    func send(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    func hangUp() {
        shutdown(socket, Int32(SHUT_RDWR))
    }

    /// The next message, or nil when the daemon has hung up.
    func receive() async throws -> DaemonMessage? {
        // On a thread that may block: the daemon in this process needs those of the cooperative pool.
        try await withCheckedThrowingContinuation { continuation in
            reading.async { continuation.resume(with: Result { try self.blockingReceive() }) }
        }
    }

    private func blockingReceive() throws -> DaemonMessage? {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            if let message = try parser.withLock({ try $0.next() }) { return message }
            let count = read(socket, &buffer, buffer.count)
            if count < 0 && errno == EAGAIN { throw Failure.silence }
            guard count > 0 else { return nil }
            parser.withLock { $0.append(buffer.prefix(count)) }
        }
    }

    /// The next prompt; what is shown before it is skipped.
    func prompt() async throws -> (number: UInt32, text: String) {
        while let message = try await receive() {
            if case .prompt(let number, _, let text) = message { return (number, text) }
        }
        throw Failure.silence
    }

    /// Everything up to the verdict, which is nil when the daemon hung up without one.
    func verdict() async throws -> (verdict: Verdict?, before: [DaemonMessage]) {
        var before: [DaemonMessage] = []
        while let message = try await receive() {
            if case .verdict(let verdict) = message { return (verdict, before) }
            before.append(message)
        }
        return (nil, before)
    }
}
