import DuetPolicy

/// What a decision is remembered under. A decision is found again only by a login whose every fact is the same.
///
/// 1. Two keys that differ in any fact MUST NOT have the same bytes.
/// 2. Under `login` the service and the rule are left out, and only they: what `sudo` may honour was recorded by `sshd`.
///    The caller is kept, but root and the user themselves are one: sshd asks as root, their sudo as themselves.
/// Held by `DecisionKeyTests`.
package struct DecisionKey: Sendable {
    /// Of the user who is logged in to.
    package var uid: UInt32
    /// As the user database spells it.
    package var user: String
    /// The real uid of the process that asks.
    package var callerUID: UInt32
    package var duoUser: String
    /// Duo's integration key.
    package var application: String
    /// The PAM service, exactly.
    package var service: String
    package var scope: ScopeBinding
    package var ruleFingerprint: [UInt8]
    /// Of the user's groups: another set of groups is another key.
    package var groupsDigest: [UInt8]

    package init(
        uid: UInt32, user: String, callerUID: UInt32, duoUser: String, application: String, service: String,
        scope: ScopeBinding, ruleFingerprint: [UInt8], groupsDigest: [UInt8] = []
    ) {
        self.uid = uid
        self.user = user
        self.callerUID = callerUID
        self.duoUser = duoUser
        self.application = application
        self.service = service
        self.scope = scope
        self.ruleFingerprint = ruleFingerprint
        self.groupsDigest = groupsDigest
    }

    /// The whole key. The scope comes first and says which fields follow.
    package var bytes: [UInt8] {
        var key = CanonicalBytes()
        key.append(scope.kind.rawValue)
        switch scope {
        case .tty(let ttyNumber, let leader, let leaderStart):
            key.append(ttyNumber)
            key.append(leader)
            key.append(leaderStart)
        case .parent(let pid, let start, let session, let realUID):
            key.append(pid)
            key.append(start)
            key.append(session)
            key.append(realUID)
        case .login(let pid, let start):
            key.append(pid)
            key.append(start)
        case .key(let address, let authInfoHash):
            key.append(address.bytes)
            key.append(authInfoHash)
        case .user:
            break
        }
        key.append(uid)
        key.append(user)
        key.append(duoUser)
        key.append(application)
        key.append(groupsDigest)
        switch scope.kind {
        case .login:
            key.append(callerUID == 0 ? uid : callerUID)
        case .tty, .parent, .key, .user:
            key.append(callerUID)
            key.append(service)
            key.append(ruleFingerprint)
        }
        return key.bytes
    }
}

// By bytes: Swift takes two spellings of one accented letter for the same text, the user database does not.
extension DecisionKey: Hashable {
    package static func == (one: DecisionKey, other: DecisionKey) -> Bool { one.bytes == other.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
