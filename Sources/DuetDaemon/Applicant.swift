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

    /// Nil: this host does not know the user.
    func account() async throws -> Account? { try await directory.account(named: begin.user) }

    /// Whose second factor it is: the account's, but for root whoever becomes root (su; sudo names its caller itself).
    func person(_ account: Account) async throws -> Account? {
        guard account.uid == 0, begin.caller != 0, begin.sshConnection == nil else { return account }
        return try await directory.account(uid: begin.caller)
    }

    var address: ClientAddress? { ClientAddress(sshConnection: begin.sshConnection, rhost: begin.rhost) }

    func facts(_ active: ActiveConfiguration, _ account: Account) async -> RuleFacts {
        RuleFacts(
            service: ExactName(begin.service), user: ExactName(account.name), groups: await groups(active, account),
            client: RuleFacts.Client(sshConnection: begin.sshConnection, rhost: begin.rhost),
            isOnConsole: begin.sshConnection == nil
                && begin.session.terminal.map { KernelTerminal.matches(number: $0.number) } == true,
            tty: begin.tty, usedPublicKey: RuleFacts.usedPublicKey(authInfo: begin.authInfo),
            isEnabled: switches.isEnabled(account.name), time: Int64(time(nil)))
    }

    /// Only where a rule wants to know: no login waits for a name service for nothing.
    private func groups(_ active: ActiveConfiguration, _ account: Account) async -> RuleFacts.Groups {
        guard active.needsGroups, let names = try? await directory.groups(of: account) else { return .unknown }
        return .known(names)
    }

    /// Under which an answer of Duo's that was asked for ahead is found; nil where nobody knows which process asks.
    func prefetchKey(_ account: Account, _ duoUser: String, _ duo: DuoConnection, _ requirement: Requirement)
        -> PrefetchKey?
    {
        guard let host = begin.session.ancestors.first else { return nil }
        return PrefetchKey(
            pid: host.pid, start: host.start, user: account.name, duoUser: duoUser,
            application: "\(duo.integrationKey)@\(duo.application.api.host)", service: begin.service, address: address,
            supportsVerifiedPush: requirement.verifiedPush)
    }
}
