import FoundationEssentials
import Glibc

/// A blocking connection to a control socket, for the command line.
package final class ControlClient: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    private let descriptor: Int32

    package init(path: String) throws(Failure) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw Failure(description: "\(path) is too long for a socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw Failure(description: "no simulator at \(path): \(reason); start one with `duo-simulator serve`")
        }
    }

    deinit { close(descriptor) }

    /// Sends one line and waits for the line that answers it.
    package func ask(_ line: String) throws(Failure) -> JSON {
        let request = Array(line.utf8) + [10]
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw Failure(description: "the simulator has gone")
        }
        var answer: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while answer.last != 10 {
            let count = read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure(description: "the simulator has gone") }
            answer += part[..<count]
        }
        guard let json = try? JSON(parsing: answer) else { throw Failure(description: "the answer is no JSON") }
        return json
    }

    package func transactions() throws -> [TransactionSummary] {
        let list = try ask((["do": "transactions"] as JSON).line)["transactions"] ?? []
        return try JSONDecoder().decode([TransactionSummary].self, from: Data(list.bytes))
    }
}
