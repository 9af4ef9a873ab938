import Dispatch
import Glibc

/// SIGTERM, SIGINT, or the end of standard input: noticed from `init` on, waited for by `wait`.
struct EndOfService {
    private let ends: AsyncStream<Void>
    private let signals: StopSignals

    init(parentWatch: Bool) {
        let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
        self.ends = ends
        signals = StopSignals([SIGTERM, SIGINT]) { continuation.yield() }
        if parentWatch { Self.watchInput { continuation.yield() } }
    }

    func wait() async {
        for await _ in ends { break }
        signals.cancel()
    }

    private static func watchInput(_ ended: @escaping @Sendable () -> Void) {
        // Blocks for good, so on a queue of its own.
        DispatchQueue(label: "parent-watch").async {
            var byte: UInt8 = 0
            while true {
                let count = read(0, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { return ended() }
            }
        }
    }
}
