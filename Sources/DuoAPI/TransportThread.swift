import Glibc
import Synchronization

/// The thread that runs a `TransportLoop`, and how to wait for its end.
final class TransportThread: Sendable {
    // Nil once joined: a thread may be joined only once.
    private let handle: Mutex<pthread_t?>

    init(running loop: TransportLoop) throws(DuoError) {
        // Signals belong to the daemon's own threads: block them all while the thread inherits its mask.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

        var thread = pthread_t()
        // The thread owns the loop until it ends: retained here, released below.
        let context = Unmanaged.passRetained(loop)
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<TransportLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw .local(.system(errno: code))
        }
        handle = Mutex(thread)
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
