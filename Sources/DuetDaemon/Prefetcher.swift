import DuetConfiguration
import DuetLogin
import DuetMemory
import DuetPolicy
import DuetWire
import DuoAPI
import Logging

/// Asks Duo about whoever has begun to log in, while they type their password.
///
/// 1. MUST NOT let in, refuse, push, call, show or remember anything: what Duo says goes to `Prefetches` and nowhere else.
/// 2. MUST ask only what the login itself would ask now: of a user whom the host knows and a rule requires, while no earlier
///    decision holds, nothing is suspended, and Duo is not known to be down.
/// 3. MUST NOT tell anybody but the log at debug level what became of it: nobody has shown a password yet.
/// Held by `PrefetchServerTests` and test_prefetch.py.
struct Prefetcher: Sendable {
    let governor: Governor
    let means: LoginMeans
    let logger: Logger

    func run(_ begin: Begin) async {
        let end = await means.prefetches.admitted { await ask(begin) }
        logger.debug(
            "prefetch",
            metadata: [
                "user": "\(begin.user)", "service": "\(begin.service)", "end": "\(end.rawValue)",
                "dropped": "\(means.prefetches.dropped)",
            ])
    }

    private func ask(_ begin: Begin) async -> PrefetchEnd {
        guard case .ready(let active) = governor.readiness else { return .notNeeded }
        if case .on = means.switches.suspension() { return .notNeeded }
        let applicant = Applicant(begin: begin, directory: means.directory, switches: means.switches)
        var answers = DirectoryAnswers()
        if applicant.account(answers) == nil { try? await applicant.ask(.account, &answers) }
        guard case .account(let account) = applicant.account(answers) else { return .notNeeded }
        if applicant.person(account, answers) == nil { try? await applicant.ask(.person, &answers) }
        guard case .account(let person) = applicant.person(account, answers) else { return .notNeeded }
        if applicant.groups(active, account, answers) == nil { try? await applicant.ask(.groups(account), &answers) }
        let facts = applicant.facts(active, account, applicant.groups(active, account, answers) ?? .unknown)
        let evaluation = active.configuration.policy.evaluate(facts, traced: false)
        guard case .require(let requirement) = evaluation.action, let rule = evaluation.rule,
            let duo = active.application(of: requirement), duo.application.breaker.outage == nil,
            let name = active.configuration.policy.names.duoName(user: ExactName(person.name), gecos: person.gecos)
        else { return .notNeeded }
        let subject = DecisionKeys.Subject(
            account: account, duoUser: name, application: duo.integrationKey, rule: rule, groups: facts.groups,
            sharedAddresses: active.configuration.sharedAddresses)
        for key in DecisionKeys(requirement.remember, subject, facts, begin).lookUp {
            if means.store.holds(key, factors: requirement.factors) { return .notNeeded }
        }
        let duoUser = Person(uid: person.uid, duoUser: name).duoUser
        guard let key = applicant.prefetchKey(account.name, duoUser, duo, requirement) else { return .notNeeded }
        let kept = PreauthKey(
            duoUser: duoUser, address: applicant.address, host: means.host,
            supportsVerifiedPush: requirement.verifiedPush)
        if duo.application.kept.holds(kept) { return .notNeeded }
        let asked = LoginFacts(duoUser: duoUser, address: applicant.address, host: means.host)
        let source = PrefetchSource(address: applicant.address, caller: begin.caller)
        return await means.prefetches.ask(key, from: source) { () async throws(DuoError) in
            try await duo.application.api.preauth(
                asked, supportsVerifiedPush: requirement.verifiedPush, deadline: duo.application.preauthTimeout)
        }
    }
}
