import DuetLogin
import DuetMemory
import DuetPolicy
import DuetWire
import FoundationEssentials

/// Carries one login on a connection from BEGIN to the verdict, and writes its audit record.
///
/// What may happen to it, whichever comes first: it is decided, the peer hangs up, its time is over, the daemon stops.
struct LoginSession: Sendable {
    /// How much sooner than the module the daemon gives up, so that the verdict still arrives.
    private static let margin = Duration.seconds(2)

    let governor: Governor
    let directory: UserDirectory
    let registry: LoginRegistry
    let history: LoginHistory
    let today: Today
    let store: DecisionStore
    let flights: SingleFlight<FlightKey, ApprovalEnd>
    let approvals: Approvals
    let prefetches: Prefetches
    let switches: Switches
    let host: String
    let trail: AuditLog

    private enum End: Sendable {
        case decided(Outcome)
        case interrupted(LoginConnection.Interruption)

        /// Nil: nobody is left to hear a verdict.
        var outcome: Outcome? {
            switch self {
            case .decided(let outcome): outcome
            case .interrupted(.stopping): Outcome(.deny(.stopping))
            case .interrupted(.cancelled(let by)): Outcome(.deny(.cancelled), cause: "cancelled by \(by)")
            case .interrupted(.abandoned), .interrupted(.malformed): nil
            }
        }

        var hangUp: String {
            if case .interrupted(.malformed) = self { "malformed" } else { "abandoned" }
        }
    }

    func run(_ connection: LoginConnection) async {
        let id = LoginID.random()
        let start = ContinuousClock.now
        let end = await admitted(id, connection)
        let verdict = end.outcome.map { Verdict($0.decision, nonce: connection.begin.nonce, login: id) }
        let record = AuditRecord(
            login: id, time: Date(), elapsed: start.duration(to: .now), begin: connection.begin, outcome: end.outcome,
            result: verdict.map { ("\($0.result)", $0.reason) } ?? ("abandoned", end.hangUp))
        // Before the verdict leaves: whoever has it may ask for the record.
        registry.leave(id, result: record.result)
        history.add(record)
        today.count(record)
        finish(verdict, end.outcome, connection)
        trail.write(record)
    }

    private func admitted(_ id: String, _ connection: LoginConnection) async -> End {
        let isAdmitted = registry.enter(id, LoginRegistry.Origin(connection.begin)) { connection.interrupt($0) }
        guard isAdmitted else {
            connection.show(DaemonText.tooMany, isError: true)
            return .decided(Outcome(.deny(.tooManyLogins)))
        }
        return await race(id, connection)
    }

    private func race(_ id: String, _ connection: LoginConnection) async -> End {
        let longest = Requirement.timeouts.upperBound
        let timeout = max(.zero, min(longest, connection.begin.timeout - Self.margin))
        let decider = LoginDecider(
            readiness: governor.readiness, directory: directory, store: store, flights: flights,
            approvals: approvals, prefetches: prefetches, switches: switches, host: host, id: id,
            connection: connection, deadline: ContinuousClock.now + timeout,
            metrics: trail.metrics, stage: { [registry] in registry.move(id, to: $0) })
        return await withTaskGroup(of: End.self) { group in
            group.addTask { .decided(await decider.decide()) }
            group.addTask {
                for await interruption in connection.interruptions { return .interrupted(interruption) }
                return .interrupted(.abandoned)
            }
            group.addTask {
                // Cancelled when something else came first; then nobody reads what this returns.
                await connection.sleep(for: timeout)
                return .decided(Outcome(.deny(.timedOut)))
            }
            let first = await group.next() ?? .interrupted(.abandoned)
            group.cancelAll()
            return first
        }
    }

    /// Sends the verdict, or hangs up where nobody is left to hear one.
    private func finish(_ verdict: Verdict?, _ outcome: Outcome?, _ connection: LoginConnection) {
        guard let verdict else { return connection.hangUp() }
        switch outcome?.decision {
        case .deny(.timedOut): connection.show(DaemonText.timedOut, isError: true)
        case .deny(.stopping): connection.show(DaemonText.stopping, isError: true)
        case .deny(.cancelled): connection.show(DaemonText.cancelled, isError: true)
        case .allow, .ignore, .retry, .deny, .unknownUser, nil: break
        }
        connection.finish(verdict)
    }
}
