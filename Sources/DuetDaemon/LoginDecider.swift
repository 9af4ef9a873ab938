import DuetConfiguration
import DuetLogin
import DuetMemory
import DuetPolicy
import DuetWire
import DuoAPI

/// Decides one login: who it is, which rule it meets, and what that asks for. Gone when somebody else has to be asked.
///
/// 1. MUST refuse whom the host does not know, without a request to Duo.
/// 2. MUST let in without Duo only by a `bypass` that matched, by an administrator's suspension, or by an earlier allow that
///    `DecisionStore` finds.
/// 3. MUST finish under the configuration that it began with.
/// 4. `judge` MUST be the only way to a decision without Duo, whether the login had to wait for a name service or not.
/// Held by `LoginServerTests`, `QuickLoginTests` and test_policy.py.
final class LoginDecider: Sendable {
    /// What has to be waited for before a login is decided.
    enum Need: Sendable {
        case directory(DirectoryNeed)
        /// Duo, and mostly a person.
        case person(Question, Earlier)
    }

    enum Judgement: Sendable {
        case decided(Outcome)
        case needs(Need)
    }

    private let readiness: Readiness
    private let means: LoginMeans
    private let connection: LoginConnection
    private let applicant: Applicant
    /// The end of the login's time.
    let deadline: ContinuousClock.Instant
    private let metrics: Metrics
    private let stage: @Sendable (LoginStage) -> Void

    private var begin: Begin { applicant.begin }

    init(
        readiness: Readiness, means: LoginMeans, connection: LoginConnection, deadline: ContinuousClock.Instant,
        metrics: Metrics, stage: @escaping @Sendable (LoginStage) -> Void
    ) {
        self.readiness = readiness
        self.means = means
        self.connection = connection
        applicant = Applicant(begin: connection.begin, directory: means.directory, switches: means.switches)
        self.deadline = deadline
        self.metrics = metrics
        self.stage = stage
    }

    /// What `judge` says when the name services have been asked for all that is missing.
    func judge(finding first: DirectoryNeed) async -> Judgement {
        var answers = DirectoryAnswers()
        var missing = first
        // Each answer is asked for once, so this ends.
        while true {
            stage(.directory)
            do { try await applicant.ask(missing, &answers) } catch {
                return .decided(Outcome(.deny(.directoryFailed), cause: "\(error)"))
            }
            let judgement = judge(answers)
            guard case .needs(.directory(let next)) = judgement else { return judgement }
            missing = next
        }
    }

    /// Decides the login, as far as nobody has to be asked. Does not wait.
    @inline(never)
    func judge(_ answers: DirectoryAnswers) -> Judgement {
        guard let found = applicant.account(answers) else { return .needs(.directory(.account)) }
        guard case .account(let account) = found else { return .decided(Outcome(.unknownUser)) }
        guard let asked = applicant.person(account, answers) else { return .needs(.directory(.person)) }
        guard case .account(let person) = asked else { return .decided(Outcome(.unknownUser)) }
        // Before everything that may be broken: it is what an administrator has left when nothing else works.
        if case .on(let suspension, let remaining) = means.switches.suspension() {
            let minutes = Int(remaining / .seconds(60))
            return .decided(
                Outcome(.allow(.suspended), cause: "suspended by \(suspension.by) for \(minutes) more min"))
        }
        switch readiness {
        case .refusing(let error):
            connection.show(DaemonText.notConfigured(error), isError: true)
            return .decided(Outcome(.deny(.notConfigured), cause: error.summary))
        case .ready(let active):
            guard let groups = applicant.groups(active, account, answers) else {
                return .needs(.directory(.groups(account)))
            }
            let facts = applicant.facts(active, account, groups)
            let evaluation = active.configuration.policy.evaluate(facts, traced: false)
            if begin.isTrial { connection.show(DaemonText.trial(evaluation), isError: false) }
            switch follow(evaluation, active, facts, account, person) {
            case .decided(var outcome):
                outcome.facts.rule = evaluation.rule?.name
                return .decided(outcome)
            case .needs(let need):
                return .needs(need)
            }
        }
    }

    private func follow(
        _ evaluation: Evaluation, _ active: ActiveConfiguration, _ facts: RuleFacts, _ account: Account,
        _ person: Account
    ) -> Judgement {
        switch evaluation.action {
        case .bypass(.success):
            return .decided(Outcome(.allow(.policyBypass)))
        case .bypass(.ignore):
            return .decided(Outcome(.ignore(.policyBypass)))
        case .deny(let text):
            connection.show(text ?? DaemonText.denied, isError: true)
            return .decided(Outcome(.deny(evaluation.rule == nil ? .noRule : .policyDeny)))
        case .require(let requirement):
            guard let rule = evaluation.rule, let duo = active.application(of: requirement) else {
                return .decided(Outcome(.deny(.noRule), cause: "the rule's application is not configured"))
            }
            let names = active.configuration.policy.names
            guard let duoUser = names.duoName(user: ExactName(person.name), gecos: person.gecos) else {
                connection.show(DaemonText.noDuoName, isError: true)
                return .decided(Outcome(.deny(.noDuoName), cause: "[names] finds no Duo user for \(person.name)"))
            }
            let subject = DecisionKeys.Subject(
                account: account, duoUser: duoUser, application: duo.integrationKey, rule: rule, groups: facts.groups,
                sharedAddresses: active.configuration.sharedAddresses)
            // A trial neither finds what is remembered nor leaves anything; pushes count as always.
            let keys = begin.isTrial ? DecisionKeys() : DecisionKeys(requirement.remember, subject, facts, begin)
            // A rule may only shorten what the module and the daemon give.
            let now = ContinuousClock.now
            let deadline = min(deadline, now + requirement.timeout)
            if deadline > now, !keys.lookUp.isEmpty {
                let remembered = Login.remembered(keys.lookUp, in: means.store, factors: requirement.factors)
                metrics.countLookup(found: remembered != nil)
                if var outcome = remembered {
                    outcome.facts.duoUser = duoUser
                    return .decided(outcome)
                }
            }
            connection.limit(to: deadline)
            return ask(
                Demand(
                    requirement: requirement, rule: rule.name, duo: duo, duoUser: duoUser, account: account.name,
                    person: Person(uid: person.uid, duoUser: duoUser), keys: keys),
                active, until: deadline)
        }
    }

    /// What a rule asks of a login that nothing remembered lets in.
    private struct Demand {
        let requirement: Requirement
        /// Its name.
        let rule: String
        let duo: DuoConnection
        /// As `[names]` has it.
        let duoUser: String
        /// The name of the user who is logged in to.
        let account: String
        /// Whose second factor it is.
        let person: Person
        let keys: DecisionKeys
    }

    private func ask(
        _ demand: Demand, _ active: ActiveConfiguration, until deadline: ContinuousClock.Instant
    ) -> Judgement {
        let person = demand.person
        let request = LoginRequest(
            id: connection.id, user: demand.account, duoUser: person.duoUser, service: begin.service,
            address: applicant.address, tty: begin.tty, caller: begin.caller, command: begin.session.command,
            host: means.host, wording: active.configuration.push.wording, isTrial: begin.isTrial)
        let memory = LoginMemory(
            store: means.store, budget: active.budget, flights: means.flights, approvals: means.approvals,
            person: person, recordKey: demand.keys.record, begun: BootClock.now()
        ) { [connection] in connection.settle() == nil }
        let login = Login(
            request: request, requirement: demand.requirement, application: demand.duo.application, memory: memory,
            conversation: connection, stage: stage
        ) {
            deadline - ContinuousClock.now
        }
        let ahead = applicant.prefetchKey(demand.account, person.duoUser, demand.duo, demand.requirement)
        return .needs(
            .person(
                Question(login: login, contact: demand.duo.contact, rule: demand.rule, duoUser: demand.duoUser),
                Earlier(lookUpKeys: demand.keys.lookUp, ahead: ahead.map { (means.prefetches, $0) })))
    }
}
