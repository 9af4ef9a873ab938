import NIOCore
import Synchronization

/// Runs tasks on the thread of an event loop, so that a login that needs nobody else never changes its thread: waking
/// another one costs more than all that a remembered verdict has to do.
///
/// What a task does there must not block. Name services have threads of their own (`UserDirectory`), so has libcurl; the
/// files that a login looks at are local and small, and what is remembered lies in /run, which is memory.
final class LoopExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isScheduled = false
    }

    /// Of one turn of the event loop: what comes in over the sockets gets its own in between.
    private static let longestTurn = 256

    private let loop: any EventLoop
    private let state = Mutex(State())

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let wasScheduled = state.withLock { state in
            state.jobs.append(job)
            defer { state.isScheduled = true }
            return state.isScheduled
        }
        if !wasScheduled { loop.execute { self.turn() } }
    }

    private func turn() {
        let executor = asUnownedTaskExecutor()
        var left = Self.longestTurn
        while left > 0 {
            let jobs = state.withLock { state in
                let jobs = state.jobs
                // With its room: the next ones come at once.
                state.jobs.removeAll(keepingCapacity: true)
                state.isScheduled = !jobs.isEmpty
                return jobs
            }
            if jobs.isEmpty { return }
            for job in jobs { job.runSynchronously(on: executor) }
            left -= jobs.count
        }
        loop.execute { self.turn() }
    }
}
