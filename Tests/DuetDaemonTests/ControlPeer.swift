import Dispatch
import DuetWire
import FoundationEssentials
import Glibc

/// `duet`'s side of the control socket: one request, one answer.
struct ControlPeer {
    let path: String

    struct Answer {
        let status: ControlReply.Status
        let document: [UInt8]

        func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONDecoder().decode(type, from: Data(document))
        }
    }

    func ask(_ verb: String, _ arguments: (any Encodable & Sendable)? = nil) async throws -> Answer {
        let text = try arguments.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        return try await ask(verb, text: text)
    }

    func ask(_ verb: String, text: String?) async throws -> Answer {
        let frame = try ControlRequest(verb: verb, arguments: text).frame().bytes
        // On a thread that may block: the daemon in this process needs those of the cooperative pool.
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "a peer of the control socket").async {
                continuation.resume(with: Result { try blockingAsk(frame) })
            }
        }
    }

    private func blockingAsk(_ frame: [UInt8]) throws -> Answer {
        let socket = try ModulePeer.connected(to: path)
        defer { close(socket) }
        _ = frame.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        var parser = FrameParser<ControlReply>()
        var document: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(socket, &buffer, buffer.count)
            guard count > 0 else { throw ModulePeer.Failure.silence }
            parser.append(buffer.prefix(count))
            while let reply = try parser.next() {
                document += reply.payload
                if reply.isLast { return Answer(status: reply.status, document: document) }
            }
        }
    }
}
