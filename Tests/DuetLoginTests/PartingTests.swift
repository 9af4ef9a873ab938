import Synchronization
import Testing

@testable import DuetLogin

@Suite("A login that goes while its push is on the way", .timeLimit(.minutes(1)))
struct PartingTests {
    /// Runs the jobs of its tasks one by one, when it is told.
    private final class Steps: TaskExecutor {
        private let jobs = Mutex<[UnownedJob]>([])

        var isEmpty: Bool { jobs.withLock { $0.isEmpty } }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            jobs.withLock { $0.append(job) }
        }

        /// False when there was none.
        func step() -> Bool {
            guard let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return false }
            job.runSynchronously(on: asUnownedTaskExecutor())
            return true
        }
    }

    @Test("It gets none that was not sent when it went, at whatever step that was", arguments: 0..<8)
    func goneBefore(_ step: Int) async throws {
        let approvals = Approvals()
        let steps = Steps()
        let running = Task(executorPreference: steps) { await approvals.run() }
        while steps.step() {}
        let isGone = Mutex(false)
        let isSentLate = Mutex(false)
        let login = Task {
            await approvals.carry(
                {
                    isSentLate.withLock { $0 = isGone.withLock { $0 } }
                    return .endless
                }, late: { _ in })
        }
        while steps.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        for _ in 0..<step { _ = steps.step() }
        login.cancel()
        _ = await login.value
        isGone.withLock { $0 = true }
        let rest = Task { while !Task.isCancelled { if !steps.step() { try await Task.sleep(for: .milliseconds(1)) } } }
        while !steps.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        running.cancel()
        await running.value
        rest.cancel()
        _ = await rest.result
        #expect(!isSentLate.withLock { $0 })
        #expect(approvals.leftBehind == 0)
    }
}
