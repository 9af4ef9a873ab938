extension AuthAPI {
    /// How often in a row Duo may refuse a poll before it is believed.
    static let refusedPolls = 3

    /// One step of a login in progress; blocks until something happens. With a `trustedDevice`, an allow may bring a
    /// new token for it.
    ///
    /// A 400 with code 40002 may just mean that nothing happened in time: it is asked again, within the deadline, and
    /// the third one in a row counts.
    package func authStatus(
        _ transaction: TransactionID, trustedDevice: TrustedDevice? = nil, deadline: Duration
    ) async throws(DuoError) -> AuthStatus {
        let parameters = Parameters([("txid", transaction.text)])
        let end = ContinuousClock.now + min(deadline, Request.longestDeadline)
        var refused = 0
        while true {
            do throws(DuoError) {
                let left = ContinuousClock.now.duration(to: end)
                let answer = try await call(.get, "auth_status", parameters, deadline: left).decode(AuthAnswer.self)
                let status = AuthStatus(answer)
                if case .allow = status { trustedDevice?.keep(answer.trusted_device_token) }
                return status
            } catch {
                refused += 1
                guard case .rejected(400, RejectedCode.invalidParameters, _, _) = error, refused < Self.refusedPolls
                else { throw error }
            }
        }
    }
}
