import FoundationEssentials
import Glibc

/// A small file beside the configuration that `duet` writes as root and the daemon reads at each login.
struct SwitchFile: Sendable {
    /// Bytes at most.
    private static let cap = 1 << 20

    enum Content: Equatable {
        case missing
        case text(String)
        /// It is there, and must not be believed.
        case unusable(String)
    }

    let path: String

    /// Believed only when it belongs to root, or to whoever runs this, and nobody else may write it.
    func read() -> Content {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            return errno == ENOENT ? .missing : .unusable("\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return .unusable("\(path) is no file")
        }
        guard status.st_uid == 0 || status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
            return .unusable("\(path) must belong to root and be writable by nobody else")
        }
        guard status.st_size <= Self.cap else { return .unusable("\(path) is larger than 1 MiB") }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { room in
                Glibc.read(descriptor, room.baseAddress.map { $0 + filled }, room.count - filled)
            }
            guard count > 0 else { break }
            filled += count
        }
        guard let text = String(validating: bytes.prefix(filled), as: UTF8.self) else {
            return .unusable("\(path) is not UTF-8")
        }
        return .text(text)
    }

    /// Waits until no other process is at it. The lock file is a neighbour of its own: the file itself is replaced.
    func alone<Result>(_ work: () throws -> Result) throws -> Result {
        let lock = path + ".lock"
        let descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SwitchFileError(path: lock, errno: errno) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw SwitchFileError(path: lock, errno: errno) }
        }
        return try work()
    }

    /// In one step: whoever reads sees the old file or the new one.
    func write(_ text: String) throws {
        // One for each process: two must not write into the same, nor rename the other's half.
        let temporary = path + ".new-\(getpid())"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw SwitchFileError(path: temporary, errno: errno) }
        // Whatever the umask: the daemon has another user.
        fchmod(descriptor, 0o644)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                let error = SwitchFileError(path: temporary, errno: errno)
                close(descriptor)
                unlink(temporary)
                throw error
            }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0, close(descriptor) == 0, rename(temporary, path) == 0 else {
            let error = SwitchFileError(path: path, errno: errno)
            unlink(temporary)
            throw error
        }
    }

    /// False when there was none.
    func remove() throws -> Bool {
        if unlink(path) == 0 { return true }
        guard errno == ENOENT else { throw SwitchFileError(path: path, errno: errno) }
        return false
    }
}

/// A switch that cannot be set.
package struct SwitchFileError: Error, CustomStringConvertible {
    package let path: String
    package let errno: Int32

    package var description: String {
        let mend = errno == EACCES || errno == EPERM ? ": only root may" : ""
        return "\(path): \(String(cString: strerror(errno)))\(mend)"
    }
}
