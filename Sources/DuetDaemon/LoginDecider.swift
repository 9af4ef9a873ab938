import DuetConfiguration
import DuetLogin
import DuetMemory
import DuetPolicy
import DuetWire
import DuoAPI

/// Decides one login: who it is, which rule it meets, and what that asks for.
///
/// 1. MUST refuse whom the host does not know, without a request to Duo.
/// 2. MUST let in without Duo only by a `bypass` that matched, or by an administrator's suspension.
/// 3. MUST finish under the configuration that it began with.
/// Held by `LoginServerTests` and test_policy.py.
struct LoginDecider: Sendable {
    let readiness: Readiness
    let directory: UserDirectory
    let store: DecisionStore
    let flights: SingleFlight<FlightKey, ApprovalEnd>
    let approvals: Approvals
    let prefetches: Prefetches
    let switches: Switches
    let host: String
    let id: String
    let connection: LoginConnection
    let deadline: ContinuousClock.Instant
    let metrics: Metrics
    let stage: @Sendable (LoginStage) -> Void

    private var begin: Begin { connection.begin }
    private var applicant: Applicant { Applicant(begin: begin, directory: directory, switches: switches) }

    func decide() async -> Outcome {
        stage(.directory)
        let account: Account
        let person: Account
        do {
            guard let found = try await applicant.account() else { return Outcome(.unknownUser) }
            account = found
            guard let asked = try await applicant.person(account) else { return Outcome(.unknownUser) }
            person = asked
        } catch {
            return Outcome(.deny(.directoryFailed), cause: "\(error)")
        }
        // Before everything that may be broken: it is what an administrator has left when nothing else works.
        if case .on(let suspension, let remaining) = switches.suspension() {
            let minutes = Int(remaining / .seconds(60))
            return Outcome(.allow(.suspended), cause: "suspended by \(suspension.by) for \(minutes) more min")
        }
        switch readiness {
        case .refusing(let error):
            connection.show(DaemonText.notConfigured(error), isError: true)
            return Outcome(.deny(.notConfigured), cause: error.summary)
        case .ready(let active):
            return await decide(active, account, person)
        }
    }

    private func decide(_ active: ActiveConfiguration, _ account: Account, _ person: Account) async -> Outcome {
        let facts = await applicant.facts(active, account)
        let evaluation = active.configuration.policy.evaluate(facts, traced: false)
        if begin.isTrial { connection.show(DaemonText.trial(evaluation), isError: false) }
        var outcome = await follow(evaluation, active, facts, account, person)
        outcome.rule = evaluation.rule?.name
        return outcome
    }

    private func follow(
        _ evaluation: Evaluation, _ active: ActiveConfiguration, _ facts: RuleFacts, _ account: Account,
        _ person: Account
    ) async -> Outcome {
        switch evaluation.action {
        case .bypass(.success):
            return Outcome(.allow(.policyBypass))
        case .bypass(.ignore):
            return Outcome(.ignore(.policyBypass))
        case .deny(let text):
            connection.show(text ?? DaemonText.denied, isError: true)
            return Outcome(.deny(evaluation.rule == nil ? .noRule : .policyDeny))
        case .require(let requirement):
            guard let rule = evaluation.rule, let duo = active.application(of: requirement) else {
                return Outcome(.deny(.noRule), cause: "the rule's application is not configured")
            }
            let names = active.configuration.policy.names
            guard let duoUser = names.duoName(user: ExactName(person.name), gecos: person.gecos) else {
                connection.show(DaemonText.noDuoName, isError: true)
                return Outcome(.deny(.noDuoName), cause: "[names] finds no Duo user for \(person.name)")
            }
            let subject = DecisionKeys.Subject(
                account: account, duoUser: duoUser, application: duo.integrationKey, rule: rule, groups: facts.groups,
                sharedAddresses: active.configuration.sharedAddresses)
            // A trial neither finds what is remembered nor leaves anything; pushes count as always.
            let keys = begin.isTrial ? DecisionKeys() : DecisionKeys(requirement.remember, subject, facts, begin)
            var outcome = await ask(duo, requirement, active, account, Person(uid: person.uid, duoUser: duoUser), keys)
            duo.contact.record(outcome)
            if !keys.lookUp.isEmpty { metrics.countLookup(found: outcome.decision == .allow(.remembered)) }
            outcome.duoUser = duoUser
            return outcome
        }
    }

    private func ask(
        _ duo: DuoConnection, _ requirement: Requirement, _ active: ActiveConfiguration, _ account: Account,
        _ person: Person, _ keys: DecisionKeys
    ) async -> Outcome {
        let request = LoginRequest(
            id: id, user: account.name, duoUser: person.duoUser, service: begin.service,
            address: applicant.address, tty: begin.tty, caller: begin.caller, command: begin.session.command,
            host: host,
            wording: active.configuration.push.wording)
        let memory = LoginMemory(
            store: store, budget: active.budget, flights: flights, approvals: approvals, person: person,
            lookUpKeys: keys.lookUp, recordKey: keys.record, begun: BootClock.now())
        // A rule may only shorten what the module and the daemon give.
        let deadline = min(deadline, ContinuousClock.now + requirement.timeout)
        let ahead = applicant.prefetchKey(account, person.duoUser, duo, requirement)
        let login = Login(
            request: request, requirement: requirement, application: duo.application, memory: memory,
            ahead: ahead.map { (prefetches, $0) }, conversation: connection, stage: stage
        ) {
            deadline - ContinuousClock.now
        }
        // Most logins that a rule remembers end here, with no race against the clock.
        if deadline > .now, let outcome = await login.remembered() { return outcome }
        return await withTaskGroup(of: Outcome.self) { group in
            group.addTask { await login.decide() }
            group.addTask {
                // Cancelled when the login was faster; then nobody reads what this returns.
                await connection.sleep(for: deadline - .now)
                return Outcome(.deny(.timedOut))
            }
            let first = await group.next() ?? Outcome(.deny(.timedOut))
            group.cancelAll()
            return first
        }
    }
}
