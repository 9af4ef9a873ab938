import DuetLogin
import DuetWire
import FoundationEssentials

/// The ends of logins: verdict, or none, and audit record.
extension LoginSession {
    enum End: Sendable {
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

    /// Ends a login that had to wait.
    func end(_ connection: LoginConnection, _ outcome: Outcome) {
        if let interruption = connection.settle() {
            end(connection, .interrupted(interruption), rule: outcome.facts.rule, duoUser: outcome.facts.duoUser)
        } else {
            end(connection, .decided(outcome))
        }
        connection.leave()
    }

    /// `rule` and `duoUser`: as far as a login had come that was interrupted.
    func end(_ connection: LoginConnection, _ end: End, rule: String? = nil, duoUser: String? = nil) {
        var outcome = end.outcome
        if let rule { outcome?.facts.rule = rule }
        if let duoUser { outcome?.facts.duoUser = duoUser }
        let verdict = outcome.map { Verdict($0.decision, nonce: connection.begin.nonce, login: connection.id) }
        let record = AuditRecord(
            login: connection.id, time: Date(), elapsed: connection.start.duration(to: .now), begin: connection.begin,
            outcome: outcome,
            result: verdict.map { ($0.result.name, $0.reason) } ?? ("abandoned", end.hangUp))
        // Before the verdict leaves: whoever has it may ask for the record.
        registry.leave(connection.id, result: record.result, isTrial: record.isTrial)
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
