import Dispatch

/// The thread of `Memory`: SQLite blocks, and the threads of Swift's concurrency are as few as the processors.
final class MemoryQueue: SerialExecutor {
    private let queue = DispatchQueue(label: "duet.memory")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
