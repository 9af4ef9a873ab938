import DuetLogin
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

    private struct Entry {
        let connection: LoginConnection
        var stage: LoginStage?
    }

    private struct State {
        var inFlight: [String: Entry] = [:]
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

    enum Admission: Sendable {
        case welcome
        /// A limit is reached.
        case full
        /// The daemon is being stopped.
        case stopping
    }

    /// Whether a login may begin now. One that is decided at once is never in flight: between this and its end nothing else
    /// happens.
    func admission(of origin: Origin) -> Admission {
        state.withLock { state in
            guard hasRoom(for: origin, state) else { return .full }
            return state.isStopping ? .stopping : .welcome
        }
    }

    /// Enters a login that `admission` has just welcomed: only one thread enters any, so there still is room. It is interrupted
    /// when the daemon stops, at once if it already does, and when an administrator ends it.
    func enter(_ connection: LoginConnection) {
        let origin = Origin(connection.begin)
        let isStopping = state.withLock { state in
            state.inFlight[connection.id] = Entry(connection: connection)
            state.callers[origin.caller, default: 0] += 1
            if let address = origin.address { state.addresses[address, default: 0] += 1 }
            return state.isStopping
        }
        if isStopping { connection.interrupt(.stopping) }
    }

    private func hasRoom(for origin: Origin, _ state: State) -> Bool {
        let total = origin.isRootsOwn ? limits.total : limits.total - limits.reservedForRoot
        if state.inFlight.count >= total { return false }
        if origin.caller != 0 && state.callers[origin.caller, default: 0] >= limits.perCaller { return false }
        return origin.address.map { state.addresses[$0, default: 0] < limits.perAddress } ?? true
    }

    /// Says what a login waits for now.
    func move(_ id: String, to stage: LoginStage) {
        state.withLock { $0.inFlight[id]?.stage = stage }
    }

    /// Ends a login; false when none with this id is in flight.
    func cancel(_ id: String, by who: String) -> Bool {
        guard let entry = state.withLock({ $0.inFlight[id] }) else { return false }
        entry.connection.interrupt(.cancelled(by: who))
        return true
    }

    /// Takes a login out, if it was in, and counts its end under `result`: the name of a verdict, or `abandoned`. A
    /// trial is no login, and does not count.
    func leave(_ id: String, result: String, isTrial: Bool) {
        state.withLock { state in
            if !isTrial { state.ended[result, default: 0] += 1 }
            // Nearly all are decided at once, and then it is empty.
            let entry = state.inFlight.isEmpty ? nil : state.inFlight.removeValue(forKey: id)
            guard let origin = entry.map({ Origin($0.connection.begin) }) else { return }
            Self.countDown(&state.callers, origin.caller)
            if let address = origin.address { Self.countDown(&state.addresses, address) }
        }
    }

    private static func countDown<Key: Hashable>(_ counts: inout [Key: Int], _ key: Key) {
        counts[key] = counts[key].flatMap { $0 > 1 ? $0 - 1 : nil }
    }

    /// Interrupts all that are in flight and all that come.
    func stop() {
        let connections = state.withLock { state in
            state.isStopping = true
            return state.inFlight.values.map(\.connection)
        }
        for connection in connections { connection.interrupt(.stopping) }
    }

    var inFlight: Int { state.withLock { $0.inFlight.count } }

    /// Those in flight, the oldest first; `most` of them.
    func list(most: Int) -> [LoginsReport.Entry] {
        let entries = state.withLock { Array($0.inFlight.values) }
        let now = ContinuousClock.now
        return entries.sorted {
            ($0.connection.start, $0.connection.id) < ($1.connection.start, $1.connection.id)
        }.prefix(most).map { entry in
            let (connection, begin) = (entry.connection, entry.connection.begin)
            return LoginsReport.Entry(
                id: connection.id, user: begin.user, service: begin.service, rhost: begin.rhost, tty: begin.tty,
                caller: begin.caller, isTrial: begin.isTrial, waitingFor: entry.stage.map { "\($0)" },
                age: connection.start.duration(to: now) / .seconds(1))
        }
    }

    var ended: [String: Int] { state.withLock { $0.ended } }
}
