import FoundationEssentials
import Secrets

/// Duo's Auth API v2: one method per endpoint, and per factor.
///
/// `deadline` is what the caller can still wait, from the call to the last byte of the answer. `ping`, `check`,
/// `preauth` and `authStatus` are sent a second time when a warm connection dies under them; a factor never is.
package struct AuthAPI: Sendable {
    package let host: APIHost
    let credentials: Credentials
    let transport: Transport
    package let clock: DuoClock

    package init(host: APIHost, credentials: Credentials, transport: Transport, clock: DuoClock) {
        self.host = host
        self.credentials = credentials
        self.transport = transport
        self.clock = clock
    }

    /// Is Duo there? Needs no keys; corrects `clock`.
    package func ping(deadline: Duration) async throws(DuoError) -> ServerTime {
        let answer = try await call(.get, "ping", Parameters(), deadline: deadline, signed: false, inspectsTLS: true)
        let server = try ServerTime(answer)
        clock.correct(toServerTime: server.time)
        return server
    }

    /// Are keys, signature and clock right?
    package func check(deadline: Duration) async throws(DuoError) -> ServerTime {
        let answer = try await call(.get, "check", Parameters(), deadline: deadline, inspectsTLS: true)
        return try ServerTime(answer)
    }

    /// May the user log in, and with what? `supportsVerifiedPush`: the caller can show a code.
    package func preauth(
        _ login: LoginFacts, supportsVerifiedPush: Bool = false, deadline: Duration
    ) async throws(DuoError) -> PreauthResult {
        var parameters = try login.parameters()
        if supportsVerifiedPush { parameters.add("client_supports_verified_push", "1") }
        let answer = try await call(.post, "preauth", parameters, deadline: deadline)
        return PreauthResult(try answer.decode(PreauthAnswer.self))
    }

    /// One step of a login in progress; blocks until something happens. A 400 with code 40002 may just mean that
    /// nothing happened in time: ask again, within bounds.
    package func authStatus(_ transaction: TransactionID, deadline: Duration) async throws(DuoError) -> AuthStatus {
        let parameters = Parameters([("txid", transaction.text)])
        let answer = try await call(.get, "auth_status", parameters, deadline: deadline)
        return AuthStatus(try answer.decode(AuthAnswer.self))
    }
}

extension ServerTime {
    /// A time outside the years 1970 to 9999 is none: it would become this host's clock.
    fileprivate init(_ answer: Envelope) throws(DuoError) {
        let time = try answer.decode(TimeAnswer.self).time
        guard (0...253_402_300_799).contains(time) else { throw .malformed(what: "the time is not one") }
        self.init(time: time, facts: answer.facts)
    }
}
