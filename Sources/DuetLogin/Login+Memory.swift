package import DuetMemory
package import DuetPolicy
import DuoAPI

/// What a login takes from memory and leaves in it.
///
/// 1. MUST remember nothing but an allow that a push, a call or a passcode brought: no bypass code, no fail mode, no allow
///    of preauth, no cancelled login.
/// 2. MUST have written it before the verdict leaves.
/// 3. A decision that is reused MUST be told as what it is, with the id under which it was made.
/// 4. Deny and fraud MUST count as much when the login has gone as when it hears them; an approval MUST NOT count then.
/// Held by `RememberingTests` and `LateAnswerTests`.
extension Login {
    /// An earlier allow under one of `keys` that still holds.
    package static func remembered(_ keys: [DecisionKey], in store: DecisionStore, factors: [Factor]) -> Outcome? {
        for key in keys {
            guard let allow = store.lookUp(key, factors: factors) else { continue }
            var outcome = Outcome(.allow(.remembered), factor: allow.factor)
            outcome.facts.memory = "decision \(allow.id) of login \(allow.loginID)"
            return outcome
        }
        return nil
    }

    /// Leaves `outcome` in memory, as far as the rule says so.
    func remember(_ outcome: Outcome) -> Outcome {
        var outcome = outcome
        switch outcome.decision {
        case .allow(.duoAllow):
            // Again, now that nothing is pending any more: a push that was left for the passcode is forgiven too.
            if outcome.facts.factor == .passcode { memory.budget.passcodeSucceeded(memory.person) }
            outcome.facts.memory = rememberAllow(outcome.facts.factor)
        case .allow(.bypassCode):
            memory.budget.passcodeSucceeded(memory.person)
        case .deny(.duoDeny), .deny(.duoFraud):
            if outcome.facts.factor != nil { rememberDenial() }
        case .allow, .ignore, .retry, .deny, .unknownUser:
            break
        }
        return outcome
    }

    private func rememberAllow(_ factor: Factor?) -> String? {
        guard let remember = requirement.remember, remember.allow > .zero, let factor, let key = memory.recordKey,
            memory.settles()
        else { return nil }
        let grant = Grant(
            factor: factor, loginID: request.id, why: "\(factor.rawValue) of \(request.duoUser)", begun: memory.begun)
        switch memory.store.remember(key, grant, lifetime: remember.allow, uses: remember.uses) {
        case .remembered(let id): return "remembered as decision \(id)"
        case .notRemembered(let reason): return "not remembered: \(reason)"
        }
    }

    private func rememberDenial() {
        guard let remember = requirement.remember, remember.deny > .zero, let key = memory.recordKey else { return }
        _ = memory.store.rememberDenial(key, loginID: request.id, why: "denied", lifetime: remember.deny)
    }

    /// Under a rule that remembers, logins that are alike in everything wait for one push or call.
    @inline(never)
    func shared(_ flight: FlightKey, _ send: @escaping @Sendable () async -> ApprovalEnd) async -> ApprovalEnd {
        do {
            return try await memory.flights.run(flight) { [self] in
                let end = await charged(send)
                // A leader that was cancelled says nothing to the others.
                if case .failed(.cancelled) = end { throw CancellationError() }
                return end
            }
        } catch {
            return .failed(.cancelled)
        }
    }

    /// Sends a push or a call within the person's budget, and waits for its end.
    func charged(_ send: @escaping @Sendable () async -> ApprovalEnd) async -> ApprovalEnd {
        switch permit() {
        case nil: return .tooLate
        case .passcodeOnly(let stop): return .stopped(stop)
        case .push(let charge):
            let end = await memory.approvals.carry(send) { [self] in heardLate($0, charge) }
            memory.budget.settle(charge, as: end.outcome)
            return end
        }
    }

    /// Charges the person; nil: it is too late. Here and not before: a verified push has asked preauth again, a follower may
    /// have waited for its leader. A function of its own, so that nothing of it stays while the phone is waited for.
    @inline(never)
    private func permit() -> PushPermit? {
        guard remaining() >= Course.timeForApproval else { return nil }
        return memory.budget.charge(memory.person, key: memory.recordKey)
    }

    private func heardLate(_ end: ApprovalEnd, _ charge: PushCharge) {
        guard end.isRefusal else { return }
        forgetPreauth()
        memory.budget.settleLate(charge, as: end.outcome)
        rememberDenial()
        memory.approvals.tell(
            LateRefusal(request, isFraud: end.outcome == .fraud, elapsed: BootClock.now() - memory.begun))
    }
}
