import Synchronization

/// Lets logins that are alike in everything wait for one decision together: one leads, the others follow its outcome.
///
/// 1. Whoever does not have an equal key MUST NOT see the outcome.
/// 2. A leader that goes away MUST NOT take the followers along: the first of them leads in its place.
/// 3. What a leader that went away last said MUST NOT be taken for an outcome.
/// Held by `SingleFlightTests`.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private enum Word: Sendable {
        case lead
        case follow(Result<Value, any Error>)
        case cancelled
    }

    private struct Follower {
        let id: UInt64
        let continuation: CheckedContinuation<Word, Never>
    }

    private struct State {
        /// A key is here from when somebody leads it until nobody does.
        var followers: [Key: [Follower]] = [:]
        var lastID: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Does `work`, or waits for the outcome of whoever does it. Errors are outcomes too. Throws `CancellationError` as
    /// soon as the caller is cancelled while it waits.
    package func run(
        _ key: Key, isolation: isolated (any Actor)? = #isolation, _ work: () async throws -> Value
    ) async throws -> Value {
        switch await enter(key) {
        case .cancelled: throw CancellationError()
        case .follow(let result): return try result.get()
        case .lead: return try await lead(key, work)
        }
    }

    /// How many wait for the leader of `key`; nil if there is none.
    func followers(of key: Key) -> Int? { state.withLock { $0.followers[key]?.count } }

    private func enter(_ key: Key, isolation: isolated (any Actor)? = #isolation) async -> Word {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let word: Word? = state.withLock { state in
                    // The handler below ran already if this is true, and finds the follower if it is not.
                    if Task.isCancelled { return .cancelled }
                    guard state.followers[key] != nil else {
                        state.followers[key] = []
                        return .lead
                    }
                    state.followers[key]?.append(Follower(id: id, continuation: continuation))
                    return nil
                }
                if let word { continuation.resume(returning: word) }
            }
        } onCancel: {
            let follower = state.withLock { state -> Follower? in
                guard let index = state.followers[key]?.firstIndex(where: { $0.id == id }) else { return nil }
                return state.followers[key]?.remove(at: index)
            }
            follower?.continuation.resume(returning: .cancelled)
        }
    }

    private func lead(
        _ key: Key, isolation: isolated (any Actor)? = #isolation, _ work: () async throws -> Value
    ) async throws -> Value {
        let result: Result<Value, any Error>
        do {
            try Task.checkCancellation()
            result = .success(try await work())
        } catch {
            result = .failure(error)
        }
        if Task.isCancelled || result.isCancellation { handOver(key) } else { finish(key, result) }
        return try result.get()
    }

    private func handOver(_ key: Key) {
        let next = state.withLock { state -> Follower? in
            guard let followers = state.followers[key], !followers.isEmpty else {
                state.followers[key] = nil
                return nil
            }
            return state.followers[key]?.removeFirst()
        }
        next?.continuation.resume(returning: .lead)
    }

    private func finish(_ key: Key, _ result: Result<Value, any Error>) {
        let followers = state.withLock { $0.followers.removeValue(forKey: key) } ?? []
        for follower in followers { follower.continuation.resume(returning: .follow(result)) }
    }
}

extension Result where Failure == any Error {
    fileprivate var isCancellation: Bool {
        switch self {
        case .success: false
        case .failure(let error): error is CancellationError
        }
    }
}
