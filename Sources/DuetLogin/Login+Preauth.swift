import DuetPolicy
import DuoAPI

extension Login {
    /// Asks Duo who may log in with what; at once an error while Duo is known to be down.
    func askPreauth() async throws(DuoError) -> PreauthResult {
        try await application.breaker.watch(patience: { min(application.preauthTimeout, remaining()) }) {
            () async throws(DuoError) in
            try await correctedPreauth()
        }
    }

    /// A time stamp that Duo refuses means that this host's clock has moved since the last ping: asked once more, with
    /// Duo's own time.
    private func correctedPreauth() async throws(DuoError) -> PreauthResult {
        let start = remaining()
        do {
            return try await preauth(within: min(application.preauthTimeout, start))
        } catch {
            guard error == .unauthorized(code: UnauthorizedCode.badTimestamp) else { throw error }
        }
        // One patience for all three, so that a clock that is off and a network that dies meet the same limit.
        func patience() throws(DuoError) -> Duration {
            let now = remaining()
            // As in `decide`: no time left is no outage.
            guard now > .zero else { throw .cancelled }
            return min(application.preauthTimeout - (start - now), now)
        }
        _ = try await duo.ping(deadline: patience())
        return try await preauth(within: patience())
    }

    private func preauth(within patience: Duration) async throws(DuoError) -> PreauthResult {
        try await duo.preauth(facts, supportsVerifiedPush: requirement.verifiedPush, deadline: patience)
    }

    var facts: LoginFacts {
        LoginFacts(
            user: .username(request.duoUser), address: request.address?.description, hostname: request.host)
    }
}
