import DuoAPI
import Synchronization

/// A login that waits for its push or call, until that ends or the login goes: whichever comes first, once.
final class Parting: Sendable {
    private enum Stage {
        case open
        case waiting(CheckedContinuation<ApprovalEnd, Never>)
        case ended
        case parted

        var isOver: Bool {
            switch self {
            case .open, .waiting: false
            case .ended, .parted: true
            }
        }

        var isParted: Bool {
            switch self {
            case .open, .waiting, .ended: false
            case .parted: true
            }
        }
    }

    private struct State {
        var stage = Stage.open
        /// Hears whether the login has gone first.
        var watcher: CheckedContinuation<Bool, Never>?
    }

    private let state = Mutex(State())

    var isParted: Bool { state.withLock { $0.stage.isParted } }

    /// False when the login has gone already.
    func wait(_ continuation: CheckedContinuation<ApprovalEnd, Never>) -> Bool {
        state.withLock { state in
            guard case .open = state.stage else { return false }
            state.stage = .waiting(continuation)
            return true
        }
    }

    /// Returns when it has ended or the login has gone: true when that came first. One caller.
    func isLeft() async -> Bool {
        await withCheckedContinuation { watcher in
            let isLeft = state.withLock { state -> Bool? in
                if state.stage.isOver { return state.stage.isParted }
                state.watcher = watcher
                return nil
            }
            if let isLeft { watcher.resume(returning: isLeft) }
        }
    }

    /// Tells the login; false when it has gone and cannot be told.
    @discardableResult
    func end(_ end: ApprovalEnd) -> Bool {
        go(to: .ended, telling: end)
        return !isParted
    }

    func part() { go(to: .parted, telling: .failed(.cancelled)) }

    /// The first counts.
    private func go(to stage: Stage, telling end: ApprovalEnd) {
        let before = state.withLock { state -> State? in
            guard !state.stage.isOver else { return nil }
            defer { state = State(stage: stage) }
            return state
        }
        before?.watcher?.resume(returning: stage.isParted)
        if case .waiting(let continuation) = before?.stage { continuation.resume(returning: end) }
    }
}
