import Glibc
import Synchronization

/// Standard error, as long as somebody takes what is written there: the logins are on one thread, and a journal that hangs
/// must not take it from them.
///
/// 1. MUST NOT wait for longer than `patience`, and for a reader that let a line wait that long not at all until it reads again.
/// 2. MUST say how many lines are lost, as soon as it can.
/// Held by `LogStreamTests`.
final class LogStream: Sendable {
    static let standardError = LogStream(STDERR_FILENO)

    /// Many lines at once are no reason to lose any.
    private static let patience: CInt = 200
    /// What is no longer finds room wherever poll(2) finds some: PIPE_BUF of pipe(7).
    private static let piece = 4_096

    private struct State {
        var lost = 0
        /// The last write left a part of a line behind.
        var isCut = false
    }

    private let descriptor: CInt
    private let state = Mutex(State())

    init(_ descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// One write for each line that is not very long, so that those of two processes do not mix. `report` makes the line
    /// that says how many are lost.
    func write(_ line: [UInt8], report: (_ lost: Int) -> [UInt8]) {
        state.withLock { state in
            let patience = state.lost == 0 ? Self.patience : 0
            if state.lost > 0 {
                guard put(report(state.lost), patience, &state) else {
                    state.lost += 1
                    return
                }
                state.lost = 0
            }
            if !put(line, patience, &state) { state.lost += 1 }
        }
    }

    private func put(_ line: [UInt8], _ patience: CInt, _ state: inout State) -> Bool {
        let line = state.isCut ? [0x0A] + line : line
        var rest = line[...]
        while !rest.isEmpty {
            guard isReady(patience) else { break }
            let count = rest.prefix(Self.piece).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            // A log that is closed, or on a disk that is full, is nobody's failure, and waits for nobody.
            guard count > 0 else { return true }
            rest = rest.dropFirst(count)
        }
        if rest.count < line.count { state.isCut = !rest.isEmpty }
        return rest.isEmpty
    }

    private func isReady(_ patience: CInt) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // Whatever else is wrong with it, write(2) says so at once. But not after a signal, which says nothing about room.
        return poll(&entry, 1, patience) > 0
    }
}
