import DuetWire
import Glibc

/// One request to the daemon over its control socket. docs/protocol.md, *Control socket*.
struct ControlClient {
    static let defaultSocket = "/run/duet/control.sock"
    private static let patience = 5

    let path: String

    enum Failure: Error {
        case pathTooLong
        case connect(Int32)
        case lost(Int32)
        case wire(WireError)
        /// The daemon refused or failed; its JSON says why.
        case refused([UInt8])

        /// What went wrong and what to do, for people.
        func sentence(path: String) -> String {
            switch self {
            case .pathTooLong: "\(path) is too long for a socket"
            case .connect(ENOENT), .connect(ECONNREFUSED):
                "duetd is not running: nobody listens on \(path). Start it with: systemctl start duetd"
            case .connect(EACCES):
                "you may not ask duetd: \(path) is for root and the group duet-admin"
            case .connect(let code): "cannot reach duetd at \(path): \(String(cString: strerror(code)))"
            case .lost(EAGAIN): "duetd did not answer within \(ControlClient.patience) s"
            case .lost(let code): "duetd hung up before it answered: \(String(cString: strerror(code)))"
            case .wire(let error):
                "duetd's answer is not understood (\(error)): are duet and duetd of the same version?"
            case .refused(let document): "duetd refused: " + String(decoding: document, as: UTF8.self)
            }
        }
    }

    /// The JSON document that answers `request`.
    func ask(_ request: ControlRequest) throws(Failure) -> [UInt8] {
        let socket = try connected()
        defer { close(socket) }
        do {
            try send(try request.frame().bytes, over: socket)
        } catch let error as WireError {
            throw .wire(error)
        } catch let error as Failure {
            throw error
        } catch {
            throw .lost(EIO)
        }
        return try receive(over: socket)
    }

    private func connected() throws(Failure) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = path
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room -> Bool in
            guard path.utf8.count < room.count else { return false }
            room.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { throw .pathTooLong }
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw .connect(errno) }
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            let code = errno
            close(socket)
            throw .connect(code)
        }
        return socket
    }

    private func send(_ bytes: [UInt8], over socket: Int32) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { throw .lost(errno) }
            rest = rest.dropFirst(sent)
        }
    }

    private func receive(over socket: Int32) throws(Failure) -> [UInt8] {
        var parser = FrameParser<ControlReply>()
        var document: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(socket, &buffer, buffer.count)
            guard count > 0 else { throw .lost(count == 0 ? ECONNRESET : errno) }
            parser.append(buffer.prefix(count))
            do {
                while let reply = try parser.next() {
                    document += reply.payload
                    guard reply.isLast else { continue }
                    guard reply.status == .done else { throw Failure.refused(document) }
                    return document
                }
            } catch let error as WireError {
                throw .wire(error)
            } catch let error as Failure {
                throw error
            } catch {
                throw .lost(EIO)
            }
        }
    }
}
