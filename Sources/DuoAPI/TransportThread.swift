import CEpoll
import Glibc
import Synchronization

/// A thread for one transport, and how to wait for its end.
final class TransportThread: TransportDriver {
    /// Milliseconds. Only a bound: a transport says when it has to be called.
    private static let longestWait = 60_000

    private let event: CInt
    // Nil before it runs, and once joined: a thread may be joined only once.
    private let handle = Mutex<pthread_t?>(nil)

    private final class Body {
        let thread: TransportThread
        let loop: TransportLoop

        init(_ thread: TransportThread, _ loop: TransportLoop) {
            self.thread = thread
            self.loop = loop
        }
    }

    init() throws(DuoError) {
        event = duet_event_create()
        guard event >= 0 else { throw .local(.system(errno: errno)) }
    }

    deinit {
        close(event)
    }

    func drive(_ loop: TransportLoop) throws(DuoError) {
        // Signals belong to the daemon's own threads: block them all while the thread inherits its mask.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

        var thread = pthread_t()
        // The thread owns both until it ends: retained here, released below.
        let context = Unmanaged.passRetained(Body(self, loop))
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
                body.thread.run(body.loop)
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw .local(.system(errno: code))
        }
        handle.withLock { $0 = thread }
    }

    func wake(_ loop: TransportLoop) { duet_event_set(event) }

    private func run(_ loop: TransportLoop) {
        while true {
            let due = loop.work()
            if loop.isOver { return }
            // Rounded up: a moment too early would be looked at in vain.
            let left = due.map { $0 <= .now ? 0 : ContinuousClock.now.duration(to: $0).milliseconds + 1 }
            duet_event_wait(event, loop.descriptor, CInt(min(left ?? Self.longestWait, Self.longestWait)))
        }
    }

    func join() {
        handle.withLock { handle in
            guard let thread = handle.take() else { return }
            // The last reference to a transport may go away on its own thread, which cannot wait for itself.
            if pthread_equal(thread, pthread_self()) != 0 {
                pthread_detach(thread)
            } else {
                pthread_join(thread, nil)
            }
        }
    }
}
