import DuetPolicy
import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Looks users and their groups up: the local files first, so that root never waits for a directory server, then NSS on
/// threads of its own. A name service that hangs costs its thread and a time-out, never the daemon.
///
/// 1. An account MUST be the one that the local file has at this moment, or that NSS gives now.
/// 2. Groups MUST NOT be believed for longer than `groupsLife`. They are asked for again before that ends, so that whoever
///    logs in often does not wait for a directory server.
/// Held by `UserDirectoryTests` and `GroupRefreshTests`.
final class UserDirectory: Sendable {
    enum Failure: Error {
        case timedOut
        /// errno of the look-up.
        case failed(Int32)
    }

    /// Whether a look-up that returned `status` has found an entry. Throws when it could not look.
    static func isFound(_ status: Int32) throws -> Bool {
        // These mean that there is none, in one name service or another: getpwnam(3), getgrnam(3).
        guard status == 0 || [ENOENT, ESRCH, EBADF, EPERM].contains(status) else { throw Failure.failed(status) }
        return status == 0
    }

    /// How long the groups of a user are believed.
    static let groupsLife = Duration.seconds(10)
    /// Users whose groups are kept; more than log in within `groupsLife`.
    private static let mostGroups = 4_096

    private let threads = NIOThreadPool(numberOfThreads: 4)
    private let timer: any EventLoop
    private let timeout: TimeAmount
    private let accounts: LocalAccounts
    private let group: String
    private let allGroups: @Sendable (Account) throws -> Set<ExactName>
    private let clock: @Sendable () -> ContinuousClock.Instant
    private let groups = Mutex<[String: KnownGroups]>([:])

    private struct KnownGroups {
        let names: Set<ExactName>
        let since: ContinuousClock.Instant
        /// Somebody is asking again.
        var isBeingRefreshed = false
    }

    /// `allGroups` asks the name services, and may take as long as they do.
    init(
        timer: any EventLoop, timeout: TimeAmount = .seconds(5), passwd: String = "/etc/passwd",
        group: String = "/etc/group",
        allGroups: @escaping @Sendable (Account) throws -> Set<ExactName> = { try GroupEntry.all(of: $0) },
        clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.timer = timer
        self.timeout = timeout
        accounts = LocalAccounts(path: passwd)
        self.group = group
        self.allGroups = allGroups
        self.clock = clock
        threads.start()
    }

    func stop() async {
        try? await threads.shutdownGracefully()
    }

    /// By the local file alone, without waiting.
    func localAccount(named name: String) -> Account? { accounts.account(named: name) }

    func localAccount(uid: uid_t) -> Account? { accounts.account(uid: uid) }

    /// Without waiting: root's by the local file, others' as long as they are believed. Nil: `groups` has to find them out.
    func knownGroups(of account: Account) -> Set<ExactName>? {
        account.uid == 0 ? GroupEntry.local(of: account, in: group) : known(account)
    }

    /// The account of `name`, or nil when this host does not know it.
    func account(named name: String) async throws -> Account? {
        if let local = accounts.account(named: name) { return local }
        return try await offLoop { try PasswdEntry.named(name) }
    }

    func account(uid: uid_t) async throws -> Account? {
        if let local = accounts.account(uid: uid) { return local }
        return try await offLoop { try PasswdEntry.ofUID(uid) }
    }

    /// The names of the groups of `account`, the first one included.
    func groups(of account: Account) async throws -> Set<ExactName> {
        if let names = knownGroups(of: account) { return names }
        // From before the look-up: what changes while it runs may be missing in it.
        let since = clock()
        let names = try await offLoop { [allGroups] in try allGroups(account) }
        keep(names, of: account, since: since)
        return names
    }

    /// What is still believed; in the second half of its life it is asked for again beside the login.
    private func known(_ account: Account) -> Set<ExactName>? {
        let now = clock()
        let (names, isAging) = groups.withLock { groups -> (Set<ExactName>?, Bool) in
            guard let known = groups[account.name], now < known.since + Self.groupsLife else { return (nil, false) }
            let isAging = now >= known.since + Self.groupsLife / 2 && !known.isBeingRefreshed
            if isAging { groups[account.name]?.isBeingRefreshed = true }
            return (known.names, isAging)
        }
        if isAging {
            // One that fails, or that finds no free thread, changes nothing: the next login after their end waits.
            threads.submit { [self] _ in
                if let names = try? allGroups(account) { keep(names, of: account, since: now) }
            }
        }
        return names
    }

    private func keep(_ names: Set<ExactName>, of account: Account, since: ContinuousClock.Instant) {
        groups.withLock { groups in
            if groups.count >= Self.mostGroups { groups = [:] }
            groups[account.name] = KnownGroups(names: names, since: since)
        }
    }

    private func offLoop<Answer: Sendable>(_ lookUp: @escaping @Sendable () throws -> Answer) async throws -> Answer {
        let answer = FirstResult<Answer>()
        return try await answer.value {
            // Whoever has gone away or waited too long is not looked up: else many who come and go would keep the
            // threads from everybody else.
            threads.submit { _ in
                if !answer.isSettled { answer.settle(Result { try lookUp() }) }
            }
            timer.scheduleTask(in: timeout) { answer.settle(.failure(Failure.timedOut)) }
        }
    }
}
