import CEpoll
import DuoAPI

/// The ways to Duo that work on the logins' thread. On that thread alone.
final class LoginTransports {
    /// In the numbers of their descriptors, and in no peer's.
    private static let mark: UInt64 = 1 << 63

    private let epoll: CInt
    private var loops: [UInt64: (loop: TransportLoop, due: ContinuousClock.Instant?)] = [:]
    /// When one of them has to be called, if nothing comes before.
    private(set) var due: ContinuousClock.Instant?
    private var isOver = false

    init(epoll: CInt) {
        self.epoll = epoll
    }

    static func isOne(_ number: UInt64) -> Bool { number & mark != 0 }

    private static func number(_ loop: TransportLoop) -> UInt64 { mark | UInt64(loop.descriptor) }

    /// Works from now on.
    func add(_ loop: TransportLoop) {
        let number = Self.number(loop)
        loops[number] = (loop, nil)
        // One that nobody would call ends at once: its calls fail, and do not hang.
        if isOver || duet_epoll_watch(epoll, loop.descriptor, UInt(number), 0) != 0 { loop.stop() }
        work(number)
    }

    /// Somebody has brought it something.
    func work(_ loop: TransportLoop) { work(Self.number(loop)) }

    func work(_ number: UInt64) {
        guard let loop = loops[number]?.loop else { return }
        let next = loop.work()
        if loop.isOver {
            duet_epoll_forget(epoll, loop.descriptor)
            loops[number] = nil
        } else {
            loops[number] = (loop, next)
        }
        due = loops.values.lazy.compactMap(\.due).min()
    }

    /// Calls those whose time has come.
    func workIfDue() {
        guard let due, due <= .now else { return }
        let now = ContinuousClock.now
        for (number, (_, due)) in loops where due.map({ $0 <= now }) ?? false { work(number) }
    }

    /// Ends what they still do: nobody waits for ever.
    func end() {
        isOver = true
        for (number, (loop, _)) in loops {
            loop.stop()
            work(number)
        }
    }
}
