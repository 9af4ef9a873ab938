import CEpoll
import Glibc
import NIOPosix
import Synchronization

/// The one thread on which logins are served: it watches their sockets, sees when their time is over, and runs their tasks. So
/// a login never changes its thread, and one that needs nobody else costs no more than a few calls of the kernel: waking
/// another thread costs more than all that a remembered verdict has to do.
///
/// What is done there must not block. Name services have threads of their own (`UserDirectory`), so have libcurl's
/// look-ups; libcurl itself does not wait. The files that a login looks at are local and small, and what is remembered lies in
/// /run, which is memory.
final class LoginLoop: TaskExecutor {
    typealias Call = @Sendable (LoginPeers) -> Void

    private struct Queue {
        var jobs: [UnownedJob] = []
        var calls: [Call] = []
        /// What can wait, and when it has waited long enough.
        var later: [@Sendable () -> Void] = []
        var due: ContinuousClock.Instant?
        var isOver = false
        /// The thread waits for its sockets: whoever brings something has to wake it.
        var isAsleep = false
        var thread: pthread_t?
    }

    struct Failure: Error, CustomStringConvertible {
        let errno: CInt
        var description: String { "cannot watch sockets: \(String(cString: strerror(errno)))" }
    }

    /// Jobs and calls of one turn: what comes in over the sockets gets its own in between.
    private static let longestTurn = 256
    /// How long `afterwards` may wait for a moment in which nobody comes.
    private static let rest = Duration.milliseconds(1)

    private let epoll: CInt
    private let wakeUp: CInt
    private let threads = NIOThreadPool(numberOfThreads: 1)
    private let queue = Mutex(Queue())

    init() throws(Failure) {
        epoll = duet_epoll_create()
        wakeUp = duet_event_create()
        guard epoll >= 0, wakeUp >= 0, duet_epoll_watch(epoll, wakeUp, UInt(LoginPeers.wakeUp), 1) == 0 else {
            throw Failure(errno: errno)
        }
    }

    deinit {
        close(epoll)
        close(wakeUp)
    }

    /// Begins. Until `stop`.
    func start() {
        threads.start()
        threads.submit { [self] _ in
            queue.withLock { $0.thread = pthread_self() }
            run(LoginPeers(epoll: epoll, loop: self))
        }
    }

    /// Ends the thread when it has done what it has been given. Nothing may be given to it after.
    func stop() async {
        execute { $0.end() }
        try? await threads.shutdownGracefully()
    }

    /// Whether this is its thread.
    var isCurrent: Bool { queue.withLock { $0.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false } }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        add { $0.jobs.append(job) }
    }

    /// Calls `call` on the thread, soon.
    func execute(_ call: @escaping Call) {
        add { $0.calls.append(call) }
    }

    /// Calls `call` on the thread when nobody has come for a millisecond, and after that time in any case: for what a login leaves
    /// behind, in the order in which it is given. Before the thread ends all of it is called; after that, at once.
    func afterwards(_ call: @escaping @Sendable () -> Void) {
        var isOver = false
        add { queue in
            isOver = queue.isOver
            guard !isOver else { return }
            queue.later.append(call)
            queue.due = queue.due ?? .now + Self.rest
        }
        if isOver { call() }
    }

    /// Returns when the thread has answered.
    func answers() async throws {
        let answer = FirstResult<Void>()
        try await answer.value { execute { _ in answer.settle(.success(())) } }
    }

    /// What has waited long enough, or all and for ever.
    private func takeLater(all: Bool) -> [@Sendable () -> Void] {
        queue.withLock { queue in
            if all { queue.isOver = true }
            guard all || queue.due.map({ $0 <= .now }) ?? false else { return [] }
            queue.due = nil
            defer { queue.later = [] }
            return queue.later
        }
    }

    private func add(_ change: (inout Queue) -> Void) {
        let wasAsleep = queue.withLock { queue in
            change(&queue)
            defer { queue.isAsleep = false }
            return queue.isAsleep
        }
        if wasAsleep { duet_event_set(wakeUp) }
    }

    private func run(_ peers: LoginPeers) {
        let executor = asUnownedTaskExecutor()
        var jobs: [UnownedJob] = []
        var calls: [Call] = []
        while true {
            var left = Self.longestTurn
            while left > 0 {
                queue.withLock { queue in
                    swap(&queue.jobs, &jobs)
                    swap(&queue.calls, &calls)
                }
                if jobs.isEmpty && calls.isEmpty { break }
                for call in calls { call(peers) }
                for job in jobs { job.runSynchronously(on: executor) }
                left -= jobs.count + calls.count
                // With their room: the next ones come at once.
                jobs.removeAll(keepingCapacity: true)
                calls.removeAll(keepingCapacity: true)
            }
            for call in takeLater(all: peers.isOver) { call() }
            if peers.isOver { break }
            var patience = peers.patience
            queue.withLock { queue in
                queue.isAsleep = queue.jobs.isEmpty && queue.calls.isEmpty
                if !queue.isAsleep { patience = 0 }
                if queue.due != nil && patience != 0 { patience = 1 }
            }
            let count = peers.wait(patience)
            // Before anything is taken: what this thread gives itself to do needs no waking.
            queue.withLock { $0.isAsleep = false }
            peers.take(count)
        }
    }
}
