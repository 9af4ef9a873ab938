import Dispatch
import DuoSimulator

extension ControlClient {
    /// `ask`, on a thread that may block: the simulator in this process needs those of the cooperative pool.
    func asked(_ line: String) async throws -> JSON {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try self.ask(line) }) }
        }
    }
}
