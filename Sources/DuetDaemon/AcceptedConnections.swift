import NIOCore
import Synchronization

/// The connections that were accepted and are not closed yet.
final class AcceptedConnections: Sendable {
    private struct State {
        var count = 0
        var whenNone: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    func add(_ channel: any Channel) {
        state.withLock { $0.count += 1 }
        channel.closeFuture.whenComplete { _ in
            self.told { state in
                state.count -= 1
            }
        }
    }

    /// Calls `body` when the last one is closed: once, and at once when there is none.
    func whenNone(_ body: @escaping @Sendable () -> Void) {
        told { $0.whenNone = body }
    }

    private func told(_ change: (inout State) -> Void) {
        let body = state.withLock { state in
            change(&state)
            return state.count == 0 ? state.whenNone.take() : nil
        }
        body?()
    }
}
