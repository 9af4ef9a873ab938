import DuoAPI
import Synchronization

/// Carries every push and call to its end, whatever becomes of the login that sent it.
///
/// 1. MUST let a login go at once when it is cancelled: it waits for no phone.
/// 2. MUST go on listening for a push or call whose login has gone: who starts one and hangs up would otherwise make the
///    owner's "fraud" go unheard. It listens for `life`, and to `mostLeft` of them; it needs no request more.
/// 3. MUST NOT let anybody in by what it hears then: the login's end has been told already, and only `late` hears it.
/// Held by `LateAnswerTests`.
package final class Approvals: Sendable {
    /// Duo itself gives up after 60 s.
    private static let life = Duration.seconds(60)
    /// Logins that have gone with a push on the phone. Each holds a connection to Duo; `LoginLimits` keeps descriptors for
    /// them. `PushBudget` permits three a person.
    package static let mostLeft = 32

    private let report: @Sendable (LateRefusal) -> Void
    private let left = Mutex(0)
    private let work: AsyncStream<@Sendable () async -> Void>
    private let feed: AsyncStream<@Sendable () async -> Void>.Continuation

    /// `report` hears of every refusal that came after its login, for the audit records.
    package init(report: @escaping @Sendable (LateRefusal) -> Void = { _ in }) {
        self.report = report
        (work, feed) = AsyncStream.makeStream()
    }

    /// Until the task is cancelled; nothing is sent before. Once.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await one in work { group.addTask { await one() } }
            group.cancelAll()
        }
        feed.finish()
    }

    /// How many are listened for whose logins have gone.
    package var leftBehind: Int { left.withLock { $0 } }

    func tell(_ refusal: LateRefusal) { report(refusal) }

    /// Sends, and waits for the end. When the caller is cancelled it is `.failed(.cancelled)` at once, and `late` hears the
    /// end, if it comes in time.
    func carry(
        _ send: @escaping @Sendable () async -> ApprovalEnd,
        late: @escaping @Sendable (ApprovalEnd) -> Void
    ) async -> ApprovalEnd {
        let parting = Parting()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard parting.wait(continuation) else { return continuation.resume(returning: .failed(.cancelled)) }
                let isTaken = feed.yield { [self] in await finish(parting, send, late: late) }
                if case .terminated = isTaken { parting.end(.failed(.cancelled)) }
            }
        } onCancel: {
            parting.part()
        }
    }

    private func finish(
        _ parting: Parting, _ send: @escaping @Sendable () async -> ApprovalEnd,
        late: @escaping @Sendable (ApprovalEnd) -> Void
    ) async {
        // A login that has gone before its push was sent gets none.
        guard !parting.isParted else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // It may have gone before this began.
                guard !parting.isParted else { return }
                let end = await send()
                if !parting.end(end) { late(end) }
            }
            guard await parting.isLeft() else { return }
            if takePlace() {
                group.addTask { try? await Task.sleep(for: Self.life) }
                // The end, or that of its time.
                await group.next()
                left.withLock { $0 -= 1 }
            }
            group.cancelAll()
        }
    }

    /// Whether one more may be listened for whose login has gone.
    private func takePlace() -> Bool {
        left.withLock { left in
            guard left < Self.mostLeft else { return false }
            left += 1
            return true
        }
    }
}
