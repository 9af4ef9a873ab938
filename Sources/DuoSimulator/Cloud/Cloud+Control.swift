/// What tests, the control socket and the phone do with the cloud.
extension Cloud {
    /// Answers a push or a call. nil: the oldest one that waits.
    package func answer(_ answer: PhoneAnswer, txid: String?) throws(CloudError) {
        settle()
        guard let txid = txid ?? pending.first else { throw .nothingWaiting }
        guard let transaction = byID[txid] else { throw .unknownTransaction(txid) }
        guard transaction.isPending else { throw .alreadyAnswered(txid) }
        finish(txid, .answer(answer))
    }

    /// The oldest unanswered push or call, as soon as there is one.
    package func waitForTransaction(within time: Duration) async throws -> TransactionSummary {
        try await waitForTransaction(within: time) { $0.pending }
    }

    /// The oldest transaction that fits, as soon as there is one: such as one whose poll is being held.
    package func waitForTransaction(
        within time: Duration, where fits: @Sendable (TransactionSummary) -> Bool
    ) async throws -> TransactionSummary {
        let found = try await wait(on: nil, until: timeline.now() + time) { cloud in
            cloud.summaries.first(where: fits)
        }
        guard let found else { throw CloudError.nothingWaiting }
        return found
    }

    private var summaries: [TransactionSummary] {
        let now = timeline.now()
        return order.compactMap { byID[$0]?.summary(now: now) }
    }

    package func requests() -> [RequestRecord] { log.latest }

    package func clearRequests() { log.removeAll() }

    /// In order of their start.
    package func transactions() -> [TransactionSummary] {
        settle()
        return summaries
    }

    package func setFault(_ fault: Fault, path: String, times: Int) { faults.add(fault, path: path, times: times) }

    package func clearFaults() { faults.removeAll() }

    package func setSkew(seconds: Int) { skew = seconds }

    /// Answers pushes and calls of users without an answer of their own; nil: a person does it.
    package func setAuto(_ answer: PhoneAnswer?, after time: Duration) {
        auto = answer.map { ($0, time) }
    }

    package func connections() -> ConnectionCounts { ledger.counts }

    /// Adds a phone to a user whom POST /enroll made, as if the activation code had been scanned.
    package func activate(user name: String) throws(CloudError) {
        guard let index = directory.users.firstIndex(where: { $0.answers(to: name) }) else { throw .unknownUser(name) }
        let user = directory.users[index]
        guard let enrollment = enrollments[user.id], !enrollment.isActivated else { throw .notEnrolling(name) }
        guard timeline.now() < enrollment.expiresAt else { throw .enrollmentExpired(name) }
        enrollments[user.id]?.isActivated = true
        directory.users[index].preauth = .auth
        directory.users[index].devices = [.activated(for: user)]
    }

    /// SMS passcodes of a user that are valid now.
    package func smsPasscodes(of user: String) -> [String] {
        directory.user(named: user).flatMap { accounts[$0.id] }?.smsPasscodes ?? []
    }
}
