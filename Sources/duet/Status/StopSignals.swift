import Glibc
import Synchronization

/// Raised by the signals that end a program, so that it can tidy up first.
struct StopSignals {
    // A handler may touch nothing that is not atomic: signal-safety(7).
    private static let raised = Atomic(false)

    init() {
        _ = Self.raised.load(ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in StopSignals.raised.store(true, ordering: .relaxed) }
        }
    }

    var areRaised: Bool { Self.raised.load(ordering: .relaxed) }

    /// Waits so many seconds, and no longer than until one is raised; whether one was. A signal that comes between the
    /// question and the wait ends the next wait.
    func wait(_ seconds: Double, for descriptor: Int32? = nil) -> Bool {
        var entries = descriptor.map { [pollfd(fd: $0, events: Int16(POLLIN), revents: 0)] } ?? []
        guard !areRaised else { return true }
        _ = poll(&entries, nfds_t(entries.count), Int32(seconds * 1_000))
        return areRaised
    }
}
