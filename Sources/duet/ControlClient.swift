import DuetWire
import FoundationEssentials
import Glibc

/// One request to the daemon over its control socket. docs/protocol.md, *Control socket*.
struct ControlClient {
    static let defaultSocket = "/run/duet/control.sock"
    private static let patience = 5
    /// Bytes of an answer at most: ten times what the longest list has.
    private static let cap = 16 << 20

    let path: String

    enum Failure: Error {
        case pathTooLong
        case connect(Int32)
        case lost(Int32)
        case wire(WireError)
        case tooLong
        /// The daemon refused or failed; its JSON says why.
        case refused([UInt8])

        /// What went wrong and what to do, for people.
        func sentence(path: String) -> String {
            switch self {
            case .pathTooLong: "\(path) is too long for a socket"
            case .connect(ENOENT), .connect(ECONNREFUSED):
                "duetd is not running: nobody listens on \(path). Start it with: systemctl start duetd"
            case .connect(EACCES):
                "you may not ask duetd: \(path) is for root and the group duet-admin. Use sudo, or become a member: "
                    + "usermod --append --groups duet-admin USER"
            case .connect(let code): "cannot reach duetd at \(path): \(String(cString: strerror(code)))"
            case .lost(EAGAIN): "duetd did not answer within \(ControlClient.patience) s"
            case .lost(let code): "duetd hung up before it answered: \(String(cString: strerror(code)))"
            case .wire(let error):
                "duetd's answer is not understood (\(error)): are duet and duetd of the same version?"
            case .tooLong: "duetd's answer is longer than any that makes sense"
            case .refused(let document): "duetd refused: " + Self.reason(document)
            }
        }

        private struct Refusal: Decodable {
            let error: String
        }

        private static func reason(_ document: [UInt8]) -> String {
            let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(document))
            return refusal?.error ?? String(decoding: document, as: UTF8.self)
        }
    }

    /// The JSON document that answers `request`.
    func ask(_ request: ControlRequest) throws(Failure) -> [UInt8] {
        let socket = try UnixSocket.connect(to: path, patience: Self.patience)
        defer { close(socket) }
        do {
            try UnixSocket.send(try request.frame().bytes, over: socket)
        } catch let error as WireError {
            throw .wire(error)
        } catch let error as Failure {
            throw error
        } catch {
            throw .lost(EIO)
        }
        return try receive(over: socket)
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
                    guard document.count <= Self.cap else { throw Failure.tooLong }
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
