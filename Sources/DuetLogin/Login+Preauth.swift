package import DuetPolicy
package import DuoAPI

extension Login {
    /// How long an answer that is being asked for ahead is waited for. A Duo that takes longer is asked by the login itself,
    /// which knows what to do when it is silent.
    private static let patienceWithPrefetch = Duration.seconds(2)

    /// Who may log in with what: what Duo has said a moment ago where that still holds, else what it says now. A trial is there
    /// to find out what it says now.
    func preauth(_ earlier: Earlier) async throws(DuoError) -> Preauth {
        stage(.preauth)
        if !request.isTrial, let devices = await askedAhead(earlier) {
            return Preauth(devices: devices, source: .ahead)
        }
        if !request.isTrial, let answer = keptAnswer() {
            return Preauth(devices: answer.devices, source: .kept(answer))
        }
        let now = application.kept.now
        return Preauth(result: try await asked(), source: .duo(asked: now))
    }

    /// What Duo says now, whatever it has said before.
    func askPreauth() async throws(DuoError) -> PreauthResult {
        stage(.preauth)
        return try await asked()
    }

    /// Asks Duo; at once an error while Duo is known to be down.
    private func asked() async throws(DuoError) -> PreauthResult {
        let start = remaining()
        return try await application.breaker.watch(patience: { preauthPatience(since: start) }) {
            () async throws(DuoError) in
            try await self.correctedPreauth(since: start)
        }
    }

    /// What Duo has said while the password was typed. Not while Duo is known to be down: then the fail mode decides.
    private func askedAhead(_ earlier: Earlier) async -> [Device]? {
        guard let ahead = earlier.ahead, application.breaker.outage == nil else { return nil }
        let patience = min(Self.patienceWithPrefetch, preauthPatience(since: remaining()) / 2)
        return await ahead.prefetches.take(ahead.key, within: patience)
    }

    /// What Duo has said to an earlier login. Not while Duo is known to be down: then the fail mode decides.
    private func keptAnswer() -> KeptPreauths.Answer? {
        guard application.breaker.outage == nil else { return nil }
        return application.kept.take(preauthKey)
    }

    /// Settles with `KeptPreauths` how a login ended that could leave `answer` there.
    func settle(_ answer: KeptPreauths.Answer?, _ outcome: Outcome) {
        switch outcome.decision {
        case .allow(.duoAllow):
            if !request.isTrial, let answer { application.kept.keep(answer, preauthKey) }
        case .allow, .ignore, .retry, .deny, .unknownUser:
            forgetPreauth()
        }
    }

    func forgetPreauth() { application.kept.forget(request.duoUser) }

    private var preauthKey: PreauthKey {
        PreauthKey(
            duoUser: request.duoUser, address: request.address, host: request.host,
            supportsVerifiedPush: requirement.verifiedPush)
    }

    /// A time stamp that Duo refuses means that this host's clock has moved since the last ping: asked once more, with
    /// Duo's own time.
    private func correctedPreauth(since start: Duration) async throws(DuoError) -> PreauthResult {
        do {
            return try await preauth(within: preauthPatience(since: start))
        } catch {
            guard error == .unauthorized(code: UnauthorizedCode.badTimestamp) else { throw error }
        }
        // One patience for all three, so that a clock that is off and a network that dies meet the same limit.
        func left() throws(DuoError) -> Duration {
            // As in `decide`: no time left is no outage.
            guard patience > .zero else { throw .cancelled }
            return preauthPatience(since: start)
        }
        _ = try await duo.ping(deadline: left())
        return try await preauth(within: left())
    }

    /// Less than the login has: what decides when Duo is silent is the fail mode, not the end of the login.
    private func preauthPatience(since start: Duration) -> Duration {
        min(application.preauthTimeout - (start - remaining()), patience)
    }

    private func preauth(within patience: Duration) async throws(DuoError) -> PreauthResult {
        try await duo.preauth(facts, supportsVerifiedPush: requirement.verifiedPush, deadline: patience)
    }

    var facts: LoginFacts {
        LoginFacts(duoUser: request.duoUser, address: request.address, host: request.host)
    }
}

extension Preauth {
    fileprivate init(devices: [Device], source: Source) {
        self.init(result: .auth(devices: devices, statusMessage: "", verifiedPush: nil), source: source)
    }
}

extension LoginFacts {
    /// As Duo hears of a login; whoever asks ahead has to say the same.
    package init(duoUser: String, address: ClientAddress?, host: String) {
        self.init(user: .username(duoUser), address: address?.description, hostname: host)
    }
}
