import DuetPolicy
import DuetWire
import Synchronization

/// The logins in flight, and how many ended how since the start.
final class LoginRegistry: Sendable {
    /// Whom a login counts for.
    struct Origin: Sendable {
        let caller: UInt32
        let address: ClientAddress?
        let isRootsOwn: Bool

        init(_ begin: Begin) {
            caller = begin.caller
            address = ClientAddress(sshConnection: begin.sshConnection, rhost: begin.rhost)
            isRootsOwn = begin.caller == 0 && begin.user == "root"
        }
    }

    private struct State {
        var inFlight: [String: (origin: Origin, interrupt: @Sendable () -> Void)] = [:]
        var callers: [UInt32: Int] = [:]
        var addresses: [ClientAddress: Int] = [:]
        var isStopping = false
        var ended: [String: Int] = [:]
    }

    private let limits: LoginLimits
    private let state = Mutex(State())

    init(limits: LoginLimits) {
        self.limits = limits
    }

    /// Enters a login; false when a limit is reached. `stop` is called when the daemon stops, at once if it already does.
    func enter(_ id: String, _ origin: Origin, stop: @escaping @Sendable () -> Void) -> Bool {
        let (isAdmitted, isStopping) = state.withLock { state in
            guard hasRoom(for: origin, state) else { return (false, false) }
            state.inFlight[id] = (origin, stop)
            state.callers[origin.caller, default: 0] += 1
            if let address = origin.address { state.addresses[address, default: 0] += 1 }
            return (true, state.isStopping)
        }
        if isStopping { stop() }
        return isAdmitted
    }

    private func hasRoom(for origin: Origin, _ state: State) -> Bool {
        let total = origin.isRootsOwn ? limits.total : limits.total - limits.reservedForRoot
        if state.inFlight.count >= total { return false }
        if origin.caller != 0 && state.callers[origin.caller, default: 0] >= limits.perCaller { return false }
        return origin.address.map { state.addresses[$0, default: 0] < limits.perAddress } ?? true
    }

    /// Takes a login out, if it was in, and counts its end under `result`: the name of a verdict, or `abandoned`.
    func leave(_ id: String, result: String) {
        state.withLock { state in
            state.ended[result, default: 0] += 1
            guard let (origin, _) = state.inFlight.removeValue(forKey: id) else { return }
            Self.countDown(&state.callers, origin.caller)
            if let address = origin.address { Self.countDown(&state.addresses, address) }
        }
    }

    private static func countDown<Key: Hashable>(_ counts: inout [Key: Int], _ key: Key) {
        counts[key] = counts[key].flatMap { $0 > 1 ? $0 - 1 : nil }
    }

    /// Interrupts all that are in flight and all that come.
    func stop() {
        let interrupts = state.withLock { state in
            state.isStopping = true
            return state.inFlight.values.map(\.interrupt)
        }
        for interrupt in interrupts { interrupt() }
    }

    var inFlight: Int { state.withLock { $0.inFlight.count } }
    var ended: [String: Int] { state.withLock { $0.ended } }
}
