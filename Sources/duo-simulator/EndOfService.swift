import Dispatch
import Glibc

/// Waits for SIGTERM, SIGINT, or the end of standard input.
enum EndOfService {
    static func wait(parentWatch: Bool) async {
        let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
        let signals = StopSignals([SIGTERM, SIGINT]) { continuation.yield() }
        if parentWatch { watchInput { continuation.yield() } }
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
