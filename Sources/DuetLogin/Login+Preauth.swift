import DuetPolicy
import DuoAPI

extension Login {
    /// Asks Duo who may log in with what; at once an error while Duo is known to be down.
    func askPreauth() async throws(DuoError) -> PreauthResult {
        stage(.preauth)
        return try await application.breaker.watch(patience: { preauthPatience }) {
            () async throws(DuoError) in
            try await correctedPreauth()
        }
    }

    /// A time stamp that Duo refuses means that this host's clock has moved since the last ping: asked once more, with
    /// Duo's own time.
    private func correctedPreauth() async throws(DuoError) -> PreauthResult {
        let start = remaining()
        do {
            return try await preauth(within: preauthPatience)
        } catch {
            guard error == .unauthorized(code: UnauthorizedCode.badTimestamp) else { throw error }
        }
        // One patience for all three, so that a clock that is off and a network that dies meet the same limit.
        func left() throws(DuoError) -> Duration {
            let now = remaining()
            // As in `decide`: no time left is no outage.
            guard patience > .zero else { throw .cancelled }
            return min(application.preauthTimeout - (start - now), patience)
        }
        _ = try await duo.ping(deadline: left())
        return try await preauth(within: left())
    }

    /// Less than the login has: what decides when Duo is silent is the fail mode, not the end of the login.
    private var preauthPatience: Duration { min(application.preauthTimeout, patience) }

    private func preauth(within patience: Duration) async throws(DuoError) -> PreauthResult {
        try await duo.preauth(facts, supportsVerifiedPush: requirement.verifiedPush, deadline: patience)
    }

    var facts: LoginFacts {
        LoginFacts(
            user: .username(request.duoUser), address: request.address?.description, hostname: request.host)
    }
}
