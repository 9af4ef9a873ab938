import Glibc
import NIOCore
import NIOPosix

/// A user of this host under the one name that rules, budgets and Duo see.
struct Account: Sendable, Equatable {
    /// pw_name: `alice`, whether `Alice` or `alice@corp` was typed.
    let name: String
    let uid: uid_t
}

/// Looks users up: the local /etc/passwd first, so that root never waits for a directory server, then NSS on threads of
/// its own. A name service that hangs costs its thread and a time-out, never the daemon.
final class UserDirectory: Sendable {
    enum Failure: Error {
        case timedOut
        /// errno of getpwnam_r.
        case failed(Int32)
    }

    private let threads = NIOThreadPool(numberOfThreads: 4)
    private let timer: any EventLoop
    private let timeout: TimeAmount
    private let passwd: String

    init(timer: any EventLoop, timeout: TimeAmount = .seconds(5), passwd: String = "/etc/passwd") {
        self.timer = timer
        self.timeout = timeout
        self.passwd = passwd
        threads.start()
    }

    func stop() async {
        try? await threads.shutdownGracefully()
    }

    /// The account of `name`, or nil when this host does not know it.
    func account(named name: String) async throws -> Account? {
        if let local = Self.local(name, in: passwd) { return local }
        let answer = FirstResult<Account?>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                answer.wait(continuation)
                threads.submit { _ in answer.settle(Result { try Self.nss(name) }) }
                timer.scheduleTask(in: timeout) { answer.settle(.failure(Failure.timedOut)) }
            }
        } onCancel: {
            answer.settle(.failure(CancellationError()))
        }
    }

    private static func local(_ name: String, in passwd: String) -> Account? {
        guard let file = fopen(passwd, "re") else { return nil }
        defer { fclose(file) }
        var buffer = EntryBuffer()
        while fgetpwent_r(file, &buffer.entry, buffer.texts, EntryBuffer.capacity, &buffer.found) == 0 {
            if let account = buffer.account, account.name == name { return account }
        }
        return nil
    }

    private static func nss(_ name: String) throws -> Account? {
        var buffer = EntryBuffer()
        let status = getpwnam_r(name, &buffer.entry, buffer.texts, EntryBuffer.capacity, &buffer.found)
        // These mean "no such user" in one name service or another: getpwnam(3).
        guard status == 0 || [ENOENT, ESRCH, EBADF, EPERM].contains(status) else { throw Failure.failed(status) }
        return status == 0 ? buffer.account : nil
    }
}

/// What the C library fills in for one entry of a user directory.
private struct EntryBuffer: ~Copyable {
    static let capacity = 16_384
    var entry = passwd()
    /// Where the texts of `entry` lie; an entry that does not fit is an error (ERANGE), which is no user.
    let texts = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)
    var found: UnsafeMutablePointer<passwd>?

    deinit { texts.deallocate() }

    var account: Account? {
        guard found != nil, let name = entry.pw_name else { return nil }
        return Account(name: String(cString: name), uid: entry.pw_uid)
    }
}
