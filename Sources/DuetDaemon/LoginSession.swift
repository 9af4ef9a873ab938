import DuetLogin
import DuetMemory
import DuetPolicy
import DuetWire
import FoundationEssentials
import Logging

/// Carries one login on a connection from BEGIN to the verdict, and writes its audit record.
///
/// What may happen to it, whichever comes first: it is decided, the peer hangs up, its time is over, the daemon stops.
struct LoginSession: Sendable {
    /// How much sooner than the module the daemon gives up, so that the verdict still arrives.
    private static let margin = Duration.seconds(2)

    let governor: Governor
    let directory: UserDirectory
    let registry: LoginRegistry
    let store: DecisionStore
    let flights: SingleFlight<FlightKey, ApprovalEnd>
    let switches: Switches
    let host: String
    let logger: Logger

    private enum End: Sendable {
        case decided(Outcome)
        case interrupted(LoginConnection.Interruption)
    }

    func run(_ connection: LoginConnection) async {
        let id = LoginID.random()
        let start = ContinuousClock.now
        let end = await admitted(id, connection)
        let result = finish(end, id, connection)
        registry.leave(id, result: result.name)
        var outcome: Outcome?
        if case .decided(let decided) = end { outcome = decided }
        audit(
            AuditRecord(
                login: id, time: Date(), elapsed: start.duration(to: .now), begin: connection.begin, outcome: outcome,
                result: result))
    }

    private func admitted(_ id: String, _ connection: LoginConnection) async -> End {
        let isAdmitted = registry.enter(id, LoginRegistry.Origin(connection.begin)) { connection.interrupt(.stopping) }
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
            readiness: governor.readiness, directory: directory, store: store, flights: flights, switches: switches,
            host: host, id: id, connection: connection, deadline: ContinuousClock.now + timeout)
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
    private func finish(_ end: End, _ id: String, _ connection: LoginConnection) -> (name: String, reason: String) {
        switch end {
        case .decided(let outcome):
            let verdict = Verdict(outcome.decision, nonce: connection.begin.nonce, login: id)
            if outcome.decision == .deny(.timedOut) { connection.show(DaemonText.timedOut, isError: true) }
            connection.finish(verdict)
            return ("\(verdict.result)", verdict.reason)
        case .interrupted(.stopping):
            connection.show(DaemonText.stopping, isError: true)
            let verdict = Verdict(.deny(.stopping), nonce: connection.begin.nonce, login: id)
            connection.finish(verdict)
            return ("\(verdict.result)", verdict.reason)
        case .interrupted(.abandoned):
            connection.hangUp()
            return ("abandoned", "abandoned")
        case .interrupted(.malformed):
            connection.hangUp()
            return ("abandoned", "malformed")
        }
    }

    private func audit(_ record: AuditRecord) {
        let level: Logger.Level =
            switch record.level {
            case .notice: .notice
            case .error: .error
            case .critical: .critical
            }
        logger.log(level: level, "login decided", metadata: record.metadata)
    }
}
