extension Cloud {
    /// Applies what has become due: automatic answers and expiry. Changes nothing else.
    func settle() {
        let now = timeline.now()
        guard let due = nextDue, due <= now else { return }
        for txid in pending {
            guard let transaction = byID[txid] else { continue }
            if let automatic = transaction.automatic, automatic.at <= now {
                finish(txid, automatic.answer)
            } else if let expiry = transaction.expiresAt, expiry <= now {
                finish(txid, .answer(.timeout))
            }
        }
        nextDue = pending.compactMap { byID[$0]?.due }.min()
    }

    func start(_ transaction: Transaction) throws(APIFailure) {
        if order.count >= Self.maximumTransactions {
            guard let oldest = order.firstIndex(where: { byID[$0]?.isPending != true }) else {
                throw .tooManyRequests
            }
            byID[order.remove(at: oldest)] = nil
        }
        byID[transaction.txid] = transaction
        order.append(transaction.txid)
        if transaction.isPending {
            pending.append(transaction.txid)
            nextDue = [nextDue, transaction.due].compactMap { $0 }.min()
        }
        noteChange(transaction.txid)
    }

    /// Ends a transaction; a denial counts towards the lock-out, an approval clears it.
    func finish(_ txid: String, _ answer: AutoAnswer) {
        guard let transaction = byID[txid], transaction.isPending else { return }
        let final: TransactionStep
        switch answer {
        case .answer(.approve): final = .allowed
        case .answer(.deny): final = .denied("deny", "Login request denied.")
        case .answer(.fraud): final = .denied("fraud", "Login request reported as fraudulent.")
        case .answer(.timeout): final = .denied("timeout", "Login timed out.")
        case .ignore: return
        case .lockedOut:
            accounts[transaction.user.id, default: .init()].isLocked = true
            final = .lockedOut
        case .step(let step): final = step
        }
        byID[txid]?.append(charged(final, to: transaction.user))
        pending.removeAll { $0 == txid }
        noteChange(txid)
    }

    /// Keeps count of a user's failures in a row; the one that reaches the threshold becomes `locked_out`. An allow may
    /// come with a token for the device.
    func charged(_ step: TransactionStep, to user: User) -> TransactionStep {
        switch step.result {
        case "allow":
            accounts[user.id, default: .init()].failures = 0
            guard user.remembersDevices else { return step }
            var step = step
            step.deviceToken = accounts[user.id, default: .init()].rememberDevice(of: user, now: timeline.now())
            return step
        case "deny" where ["deny", "fraud"].contains(step.status):
            accounts[user.id, default: .init()].failures += 1
            guard accounts[user.id, default: .init()].failures >= directory.lockoutThreshold else { return step }
            accounts[user.id, default: .init()].isLocked = true
            return .lockedOut
        default:
            return step
        }
    }

    /// The next step of a transaction, held until there is one.
    func hold(_ txid: String, _ step: @Sendable (inout Transaction) -> TransactionStep?) async throws
        -> TransactionStep?
    {
        byID[txid]?.holders += 1
        noteChange(txid)
        defer {
            byID[txid]?.holders -= 1
            noteChange(txid)
        }
        return try await wait(on: txid) { cloud -> TransactionStep?? in
            guard var transaction = cloud.byID[txid] else { return .some(nil) }
            defer { cloud.byID[txid] = transaction }
            return step(&transaction).map { .some($0) }
        } ?? nil
    }
}
