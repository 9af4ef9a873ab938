import DuetMemory
import DuetPolicy
import DuetWire
import Glibc

/// Under which keys a login's decision is looked up and remembered, from the facts that the module read.
///
/// 1. A fact that is missing, or does not fit the others, MUST mean "not remembered".
/// 2. What the scope says is never remembered MUST NOT be: `RememberScope.obstacle`.
/// 3. The keys MUST change with the rule, the user's groups, and whoever asks.
/// Held by `DecisionKeysTests`.
struct DecisionKeys: Sendable, Equatable {
    var lookUp: [DecisionKey] = []
    var record: DecisionKey?

    /// Whom and what a decision is about.
    struct Subject: Sendable {
        var account: Account
        var duoUser: String
        /// Duo's integration key.
        var application: String
        var rule: Rule
        var groups: RuleFacts.Groups
        var sharedAddresses: [AddressRange]
    }

    init() {}

    init(_ remember: Remember?, _ subject: Subject, _ facts: RuleFacts, _ begin: Begin) {
        guard let remember, remember.scope.obstacle(facts) == nil, case .known(let groups) = subject.groups else {
            return
        }
        let fingerprint = RuleDigests.shared.digest(of: subject.rule)
        let digest = GroupDigests.shared.digest(of: groups, for: subject.account.uid)
        func key(_ binding: ScopeBinding) -> DecisionKey {
            DecisionKey(
                uid: subject.account.uid, user: subject.account.name, callerUID: begin.caller,
                duoUser: subject.duoUser, application: subject.application, service: begin.service, scope: binding,
                ruleFingerprint: fingerprint, groupsDigest: digest)
        }
        switch remember.scope {
        case .tty: same(Self.terminal(begin).map(key))
        case .parent: same(Self.parent(begin).map(key))
        case .user: same(key(.user))
        case .key: same(Self.sshKey(facts, begin, shared: subject.sharedAddresses).map(key))
        case .login:
            if begin.sshConnection != nil {
                record = Self.connection(begin).map(key)
            } else {
                lookUp = begin.session.ancestors.compactMap { process in
                    pid_t(exactly: process.pid).map { key(.login(pid: $0, start: process.start)) }
                }
            }
        }
    }

    private mutating func same(_ key: DecisionKey?) {
        lookUp = key.map { [$0] } ?? []
        record = key
    }

    /// Never what sshd says: its own terminal is none, and PAM_TTY is always "ssh".
    private static func terminal(_ begin: Begin) -> ScopeBinding? {
        guard begin.sshConnection == nil, let terminal = begin.session.terminal,
            let leader = pid_t(exactly: terminal.leader.pid)
        else { return nil }
        return .tty(ttyNumber: terminal.number, leader: leader, leaderStart: terminal.leader.start)
    }

    /// Only a parent of the same session and the same user: one that adopts orphans has a session of its own.
    private static func parent(_ begin: Begin) -> ScopeBinding? {
        guard let parent = begin.session.parent, let session = begin.session.session, parent.session == session,
            parent.user == begin.caller, parent.process.pid > 1, let pid = pid_t(exactly: parent.process.pid),
            let sessionID = pid_t(exactly: session)
        else { return nil }
        return .parent(pid: pid, start: parent.process.start, session: sessionID, realUID: parent.user)
    }

    /// The sshd process of this very connection: it made a session of its own when it was born, and either it asks
    /// itself or its child does. The listening sshd, the ancestor of every connection, leads another session.
    private static func connection(_ begin: Begin) -> ScopeBinding? {
        guard begin.caller == 0, let session = begin.session.session,
            let process = begin.session.ancestors.prefix(2).first(where: { $0.pid == session }),
            let pid = pid_t(exactly: process.pid)
        else { return nil }
        return .login(pid: pid, start: process.start)
    }

    private static func sshKey(_ facts: RuleFacts, _ begin: Begin, shared: [AddressRange]) -> ScopeBinding? {
        guard begin.sshConnection != nil, let info = begin.authInfo, case .address(let address) = facts.client,
            !shared.contains(where: { $0.contains(address) })
        else { return nil }
        let methods = info.split(separator: "\n")
        // Every method that was passed, not one of them: a password beside a key is a password login.
        guard !methods.isEmpty, methods.allSatisfy({ $0.hasPrefix("publickey ") }) else { return nil }
        return .key(address: address, authInfoHash: Digest.sha256(Array(info.utf8)))
    }
}
