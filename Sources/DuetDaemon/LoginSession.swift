import DuetLogin
import DuetMemory
import DuetPolicy
import DuetWire
import FoundationEssentials

/// Carries logins on their connections from BEGIN to the verdict, and writes their audit records.
///
/// What may happen to one, whichever comes first: it is decided, the peer hangs up, its time is over, the daemon stops.
/// 1. A login that needs nobody MUST be decided before anything else is looked at, and one that has to wait by the same
///    `LoginDecider.judge`.
/// 2. Limits, counters, history and audit record MUST be the same for both.
/// Held by `LoginServerTests` and `QuickLoginTests`.
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
            case .interrupted(.timedOut): Outcome(.deny(.timedOut))
            case .interrupted(.cancelled(let by)): Outcome(.deny(.cancelled), cause: "cancelled by \(by)")
            case .interrupted(.abandoned), .interrupted(.malformed): nil
            }
        }

        var hangUp: String {
            if case .interrupted(.malformed) = self { "malformed" } else { "abandoned" }
        }
    }

    /// Decides a login that needs nobody: then its verdict has left, and this is nil. On the loop's thread.
    func open(_ connection: LoginConnection) -> PendingLogin? {
        let id = LoginID.random()
        let start = ContinuousClock.now
        let origin = LoginRegistry.Origin(connection.begin)
        switch registry.admission(of: origin) {
        case .welcome: break
        case .stopping: connection.interrupt(.stopping)
        case .full:
            connection.show(DaemonText.tooMany, isError: true)
            end(id, start, connection, .decided(Outcome(.deny(.tooManyLogins))))
            return nil
        }
        if let interruption = connection.interruption {
            end(id, start, connection, .interrupted(interruption))
            return nil
        }
        let decider = decider(id, start, connection)
        switch decider.judge(DirectoryAnswers()) {
        case .decided(let outcome):
            end(id, start, connection, .decided(outcome))
            return nil
        case .needs(let need):
            // Only this thread enters logins, so there still is room.
            _ = registry.enter(id, origin) { connection.interrupt($0) }
            connection.limit(to: decider.deadline)
            return PendingLogin(id: id, start: start, connection: connection, decider: decider, need: need)
        }
    }

    /// Waits for what a login needs, and ends it.
    func serve(_ pending: PendingLogin) async {
        let connection = pending.connection
        let outcome = await connection.interruptible { await pending.decider.decide(pending.need) }
        guard let interruption = connection.settle() else {
            end(pending.id, pending.start, connection, .decided(outcome))
            return connection.leave()
        }
        end(
            pending.id, pending.start, connection, .interrupted(interruption), rule: outcome.rule,
            duoUser: outcome.duoUser)
        connection.leave()
    }

    private func decider(
        _ id: String, _ start: ContinuousClock.Instant, _ connection: LoginConnection
    ) -> LoginDecider {
        let longest = Requirement.timeouts.upperBound
        let timeout = max(.zero, min(longest, connection.begin.timeout - Self.margin))
        return LoginDecider(
            readiness: governor.readiness, directory: directory, store: store, flights: flights,
            approvals: approvals, prefetches: prefetches, switches: switches, host: host, id: id,
            connection: connection, deadline: start + timeout, metrics: trail.metrics
        ) { [registry] in
            registry.move(id, to: $0)
        }
    }

    /// Apart from `serve`, whose frame every login that waits would have to hold this in.
    ///
    /// `rule` and `duoUser`: as far as a login had come that was interrupted.
    @inline(never)
    private func end(
        _ id: String, _ start: ContinuousClock.Instant, _ connection: LoginConnection, _ end: End, rule: String? = nil,
        duoUser: String? = nil
    ) {
        var outcome = end.outcome
        if let rule { outcome?.rule = rule }
        if let duoUser { outcome?.duoUser = duoUser }
        let verdict = outcome.map { Verdict($0.decision, nonce: connection.begin.nonce, login: id) }
        let record = AuditRecord(
            login: id, time: Date(), elapsed: start.duration(to: .now), begin: connection.begin, outcome: outcome,
            result: verdict.map { ($0.result.name, $0.reason) } ?? ("abandoned", end.hangUp))
        // Before the verdict leaves: whoever has it may ask for the record.
        registry.leave(id, result: record.result, isTrial: record.isTrial)
        history.add(record)
        today.count(record)
        finish(verdict, outcome, connection)
        trail.write(record)
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
