/// Duo's Auth API v2, whole: one method per endpoint, and per factor. What no login needs (`logo`, `enroll`, `auto`, tokens of
/// trusted devices) is there so that a client and the simulator, which know nothing of each other, agree on all of it.
///
/// `deadline` is what the caller can still wait, from the call to the last byte of the answer. Whatever only asks is sent
/// a second time when a warm connection dies under it; a factor and an enrolment never are.
package struct AuthAPI: Sendable {
    let application: SignedAPI
    /// Hears of every request that is answered with JSON, repetitions too.
    let observe: @Sendable (CallObservation) -> Void

    package init(
        host: APIHost, credentials: Credentials, transport: Transport, clock: DuoClock,
        signatureVersion: SignatureVersion = .v2, observe: @escaping @Sendable (CallObservation) -> Void = { _ in }
    ) {
        application = SignedAPI(
            host: host, credentials: credentials, transport: transport, clock: clock,
            signatureVersion: signatureVersion)
        self.observe = observe
    }

    package var host: APIHost { application.host }
    package var clock: DuoClock { application.clock }
    var transport: Transport { application.transport }

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

    /// The application's logo, a PNG image; nil if it has none.
    package func logo(deadline: Duration) async throws(DuoError) -> [UInt8]? {
        let response = try await transport.send(
            request(.get, "logo", Parameters(), deadline: deadline, accepts: "image/png"))
        guard response.status == 200 else {
            do throws(DuoError) {
                _ = try application.envelope(response)
            } catch {
                guard case .rejected(400, RejectedCode.invalidParameters, _, _) = error else { throw error }
            }
            return nil
        }
        guard response.body.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else {
            throw .malformed(what: "the logo is no PNG image")
        }
        return response.body
    }

    /// May the user log in, and with what? `supportsVerifiedPush`: the caller can show a code. `trustedDevice`: its
    /// token may make further factors unnecessary.
    package func preauth(
        _ login: LoginFacts, supportsVerifiedPush: Bool = false, trustedDevice: TrustedDevice? = nil, deadline: Duration
    ) async throws(DuoError) -> PreauthResult {
        var parameters = try login.parameters()
        if supportsVerifiedPush { parameters.add("client_supports_verified_push", "1") }
        if let trustedDevice { parameters = parameters.merging(try trustedDevice.parameters()) }
        let answer = try await call(.post, "preauth", parameters, deadline: deadline)
        return PreauthResult(try answer.decode(PreauthAnswer.self))
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
