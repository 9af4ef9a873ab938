import NIOCore
import Synchronization

/// Every open connection, and counts of all there were. The server's handlers write here, the cloud reads.
package final class ConnectionLedger: Sendable {
    static let maximumOpen = 4096

    private struct State: Sendable {
        var counts = ConnectionCounts()
        var last = 0
        var channels: [Int: any Channel] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    var counts: ConnectionCounts { state.withLock { $0.counts } }

    /// - Returns: the connection's number, from 1; nil if there are too many.
    func open(_ channel: any Channel) -> Int? {
        state.withLock { state in
            guard state.channels.count < Self.maximumOpen else { return nil }
            state.last += 1
            state.counts.accepted += 1
            state.channels[state.last] = channel
            state.counts.open = state.channels.count
            return state.last
        }
    }

    func handshake(resumed: Bool) {
        state.withLock {
            $0.counts.handshakes += 1
            if resumed { $0.counts.resumed += 1 }
        }
    }

    func close(_ number: Int) {
        state.withLock {
            $0.channels[number] = nil
            $0.counts.open = $0.channels.count
        }
    }

    func resetCounts() {
        state.withLock { $0.counts = ConnectionCounts(open: $0.channels.count) }
    }

    /// Everything that is open now, to be closed by the caller.
    var openChannels: [any Channel] { state.withLock { Array($0.channels.values) } }
}
