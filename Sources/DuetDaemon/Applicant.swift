import DuetLogin
import DuetPolicy
import DuetWire
import DuoAPI
import Glibc

/// Whom a BEGIN or a PREFETCH is about, and the facts that rules look at.
struct Applicant: Sendable {
    let begin: Begin
    let directory: UserDirectory
    let switches: Switches

    /// Nil: a name service has to be asked.
    func account(_ answers: DirectoryAnswers) -> DirectoryAnswers.Found? {
        answers.account ?? directory.localAccount(named: begin.user).map { .account($0) }
    }

    /// Whose second factor it is: the account's, but for root whoever becomes root (su; sudo names its caller itself). Nil: a
    /// name service has to be asked.
    func person(_ account: Account, _ answers: DirectoryAnswers) -> DirectoryAnswers.Found? {
        guard account.uid == 0, begin.caller != 0, begin.sshConnection == nil else { return .account(account) }
        return answers.person ?? directory.localAccount(uid: begin.caller).map { .account($0) }
    }

    /// Only where a rule wants to know: no login waits for a name service for nothing. Nil: a name service has to be asked.
    func groups(_ active: ActiveConfiguration, _ account: Account, _ answers: DirectoryAnswers) -> RuleFacts.Groups? {
        guard active.needsGroups else { return .unknown }
        return answers.groups ?? directory.knownGroups(of: account).map { .known($0) }
    }

    /// Asks the name services. Throws when they fail; groups that cannot be found out are unknown instead.
    func ask(_ need: DirectoryNeed, _ answers: inout DirectoryAnswers) async throws {
        switch need {
        case .account:
            answers.account = try await directory.account(named: begin.user).map { .account($0) } ?? .nobody
        case .person:
            answers.person = try await directory.account(uid: begin.caller).map { .account($0) } ?? .nobody
        case .groups(let account):
            answers.groups = (try? await directory.groups(of: account)).map { .known($0) } ?? .unknown
        }
    }

    var address: ClientAddress? { ClientAddress(sshConnection: begin.sshConnection, rhost: begin.rhost) }

    func facts(_ active: ActiveConfiguration, _ account: Account, _ groups: RuleFacts.Groups) -> RuleFacts {
        RuleFacts(
            service: ExactName(begin.service), user: ExactName(account.name), groups: groups,
            client: RuleFacts.Client(sshConnection: begin.sshConnection, rhost: begin.rhost),
            isOnConsole: begin.sshConnection == nil
                && begin.session.terminal.map { KernelTerminal.matches(number: $0.number) } == true,
            tty: begin.tty, usedPublicKey: RuleFacts.usedPublicKey(authInfo: begin.authInfo),
            isEnabled: active.needsEnabled ? switches.isEnabled(account.name) : nil, time: Int64(time(nil)))
    }

    /// Under which an answer of Duo's that was asked for ahead is found; nil where nobody knows which process asks.
    func prefetchKey(_ user: String, _ duoUser: String, _ duo: DuoConnection, _ requirement: Requirement)
        -> PrefetchKey?
    {
        guard let host = begin.session.ancestors.first else { return nil }
        return PrefetchKey(
            pid: host.pid, start: host.start, user: user, duoUser: duoUser,
            application: "\(duo.integrationKey)@\(duo.application.api.host)", service: begin.service, address: address,
            supportsVerifiedPush: requirement.verifiedPush)
    }
}
