import DuetWire
import Synchronization

/// The logins in flight, and how many ended how since the start.
package final class LoginRegistry: Sendable {
    private struct State {
        var inFlight: [String: LoginConnection] = [:]
        var isStopping = false
        var counts: [String: Int] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// Enters a login; it is interrupted at once when the daemon is stopping.
    func enter(_ id: String, _ connection: LoginConnection) {
        let isStopping = state.withLock { state in
            state.inFlight[id] = connection
            return state.isStopping
        }
        if isStopping { connection.interrupt(.stopping) }
    }

    /// Takes a login out and counts its end under `result`: the name of a verdict, or `abandoned`.
    func leave(_ id: String, result: String) {
        state.withLock { state in
            state.inFlight[id] = nil
            state.counts[result, default: 0] += 1
        }
    }

    /// Interrupts all that are in flight and all that come.
    func stop() {
        let connections = state.withLock { state in
            state.isStopping = true
            return Array(state.inFlight.values)
        }
        for connection in connections { connection.interrupt(.stopping) }
    }

    var inFlight: Int { state.withLock { $0.inFlight.count } }
    var counts: [String: Int] { state.withLock { $0.counts } }
}
