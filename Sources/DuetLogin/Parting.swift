import DuoAPI
import Synchronization

/// A login that waits for its push or call, until that ends or the login goes: whichever comes first, once.
final class Parting: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<ApprovalEnd, Never>)
        case ended
        case parted
    }

    private let state = Mutex(State.open)
    /// Yields when the login has gone.
    let parted: AsyncStream<Void>
    private let gone: AsyncStream<Void>.Continuation

    init() {
        (parted, gone) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var isParted: Bool {
        state.withLock { state in
            if case .parted = state { true } else { false }
        }
    }

    /// False when the login has gone already.
    func wait(_ continuation: CheckedContinuation<ApprovalEnd, Never>) -> Bool {
        state.withLock { state in
            guard case .open = state else { return false }
            state = .waiting(continuation)
            return true
        }
    }

    /// Tells the login; false when it has gone and cannot be told.
    @discardableResult
    func end(_ end: ApprovalEnd) -> Bool {
        let (isTold, waiting) = state.withLock { state -> (Bool, CheckedContinuation<ApprovalEnd, Never>?) in
            switch state {
            case .waiting(let continuation):
                state = .ended
                return (true, continuation)
            case .open, .ended: return (true, nil)
            case .parted: return (false, nil)
            }
        }
        waiting?.resume(returning: end)
        return isTold
    }

    func part() {
        let waiting = state.withLock { state -> CheckedContinuation<ApprovalEnd, Never>? in
            switch state {
            case .waiting(let continuation):
                state = .parted
                return continuation
            case .open:
                state = .parted
                return nil
            case .ended, .parted: return nil
            }
        }
        waiting?.resume(returning: .failed(.cancelled))
        gone.yield()
    }
}
