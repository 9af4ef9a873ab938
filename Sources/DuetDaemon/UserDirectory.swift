import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Looks users and their groups up: the local files first, so that root never waits for a directory server, then NSS on
/// threads of its own. A name service that hangs costs its thread and a time-out, never the daemon.
final class UserDirectory: Sendable {
    enum Failure: Error {
        case timedOut
        /// errno of the look-up.
        case failed(Int32)
    }

    /// How long the groups of a user are believed.
    private static let groupsLife = Duration.seconds(10)
    /// Users whose groups are kept; more than log in within `groupsLife`.
    private static let mostGroups = 4_096

    private let threads = NIOThreadPool(numberOfThreads: 4)
    private let timer: any EventLoop
    private let timeout: TimeAmount
    private let passwd: String
    private let group: String
    private let groups = Mutex<[String: (names: Set<String>, until: ContinuousClock.Instant)]>([:])

    init(
        timer: any EventLoop, timeout: TimeAmount = .seconds(5), passwd: String = "/etc/passwd",
        group: String = "/etc/group"
    ) {
        self.timer = timer
        self.timeout = timeout
        self.passwd = passwd
        self.group = group
        threads.start()
    }

    func stop() async {
        try? await threads.shutdownGracefully()
    }

    /// The account of `name`, or nil when this host does not know it.
    func account(named name: String) async throws -> Account? {
        if let local = PasswdEntry.first(in: passwd, where: { $0.name == name }) { return local }
        return try await offLoop { try PasswdEntry.named(name) }
    }

    func account(uid: uid_t) async throws -> Account? {
        if let local = PasswdEntry.first(in: passwd, where: { $0.uid == uid }) { return local }
        return try await offLoop { try PasswdEntry.ofUID(uid) }
    }

    /// The names of the groups of `account`, the first one included.
    func groups(of account: Account) async throws -> Set<String> {
        if account.uid == 0 { return GroupEntry.local(of: account, in: group) }
        let known = groups.withLock { $0[account.name] }
        if let known, ContinuousClock.now < known.until { return known.names }
        let names = try await offLoop { try GroupEntry.all(of: account) }
        groups.withLock { groups in
            if groups.count >= Self.mostGroups { groups = [:] }
            groups[account.name] = (names, .now + Self.groupsLife)
        }
        return names
    }

    private func offLoop<Answer: Sendable>(_ lookUp: @escaping @Sendable () throws -> Answer) async throws -> Answer {
        let answer = FirstResult<Answer>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                answer.wait(continuation)
                // Whoever has gone away or waited too long is not looked up: else many who come and go would keep the
                // threads from everybody else.
                threads.submit { _ in
                    if !answer.isSettled { answer.settle(Result { try lookUp() }) }
                }
                timer.scheduleTask(in: timeout) { answer.settle(.failure(Failure.timedOut)) }
            }
        } onCancel: {
            answer.settle(.failure(CancellationError()))
        }
    }
}
