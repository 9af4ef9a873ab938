import DuetPolicy
import Glibc
import Synchronization

/// The accounts of a file like /etc/passwd, remembered as long as it is the same file, unchanged.
///
/// A file that was changed a moment ago is read anew each time: its next change might carry the same time.
final class LocalAccounts: Sendable {
    /// What another content of the file changes.
    private struct Version: Equatable {
        let device: dev_t
        let inode: ino_t
        let size: off_t
        let modified: Int64
        let changed: Int64

        init(_ status: stat) {
            device = status.st_dev
            inode = status.st_ino
            size = status.st_size
            modified = Self.nanoseconds(status.st_mtim)
            changed = Self.nanoseconds(status.st_ctim)
        }

        private static func nanoseconds(_ time: timespec) -> Int64 {
            Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
        }

        /// How long ago the last change was.
        var age: Duration {
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            return .nanoseconds(Self.nanoseconds(now) &- max(modified, changed))
        }
    }

    /// What is looked for. The name byte by byte, as the C library does.
    private enum Question: Hashable {
        case name(ExactName)
        case uid(uid_t)

        func fits(_ account: Account) -> Bool {
            switch self {
            case .name(let name): ExactName(account.name) == name
            case .uid(let uid): account.uid == uid
            }
        }
    }

    private struct Known {
        var version: Version?
        var answers: [Question: Account?] = [:]
    }

    /// More than log in at once.
    private static let mostAnswers = 1_024

    private let path: String
    /// More than any file system's idea of "at the same time".
    private let settling: Duration
    private let known = Mutex(Known())

    init(path: String, settling: Duration = .seconds(2)) {
        self.path = path
        self.settling = settling
    }

    func account(named name: String) -> Account? { answer(.name(ExactName(name))) }

    func account(uid: uid_t) -> Account? { answer(.uid(uid)) }

    private func answer(_ question: Question) -> Account? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let version = Version(status)
        let remembered: Account?? = known.withLock { known in
            known.version == version ? known.answers[question] : nil
        }
        if let remembered { return remembered }
        let (account, read) = look(question)
        guard let read, read == version, version.age > settling else { return account }
        known.withLock { known in
            if known.version != version || known.answers.count >= Self.mostAnswers { known = Known(version: version) }
            known.answers[question] = .some(account)
        }
        return account
    }

    /// With the version of the file that the answer is from.
    private func look(_ question: Question) -> (Account?, Version?) {
        guard let file = fopen(path, "re") else { return (nil, nil) }
        defer { fclose(file) }
        var status = stat()
        guard fstat(fileno(file), &status) == 0 else { return (nil, nil) }
        return (PasswdEntry.first(in: file) { question.fits($0) }, Version(status))
    }
}
