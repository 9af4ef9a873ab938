import Synchronization

/// One waiter and several who may answer: the first answer is the one that counts, whether it comes before the waiter
/// or after.
final class FirstResult<Value: Sendable>: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<Value, any Error>)
        case settled(Result<Value, any Error>)
        case delivered
    }

    private let state = Mutex(State.open)

    /// Calls `ask`, and waits for the first answer; a task that is cancelled waits no longer. Once.
    func value(_ ask: () -> Void) async throws -> Value {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                wait(continuation)
                ask()
            }
        } onCancel: {
            settle(.failure(CancellationError()))
        }
    }

    private func wait(_ continuation: CheckedContinuation<Value, any Error>) {
        let settled: Result<Value, any Error>? = state.withLock { state in
            if case .settled(let result) = state {
                state = .delivered
                return result
            }
            state = .waiting(continuation)
            return nil
        }
        if let settled { continuation.resume(with: settled) }
    }

    /// Whether somebody has answered.
    var isSettled: Bool {
        state.withLock { state in
            switch state {
            case .open, .waiting: false
            case .settled, .delivered: true
            }
        }
    }

    func settle(_ result: Result<Value, any Error>) {
        let waiting: CheckedContinuation<Value, any Error>? = state.withLock { state in
            switch state {
            case .open:
                state = .settled(result)
                return nil
            case .waiting(let continuation):
                state = .delivered
                return continuation
            case .settled, .delivered:
                return nil
            }
        }
        waiting?.resume(with: result)
    }
}
