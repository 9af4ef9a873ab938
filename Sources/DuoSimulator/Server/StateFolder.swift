import Glibc
import Synchronization

/// The folder that holds certificates and the control socket; one simulator at a time.
package final class StateFolder: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    package let path: String
    private let isTemporary: Bool
    private let lock: Int32
    private let isClosed = Atomic(false)

    package var controlPath: String { path + "/control.sock" }

    /// - Parameter path: nil for a fresh temporary folder, which `close()` removes.
    init(_ path: String?) throws {
        if let path {
            self.path = path
            isTemporary = false
            try Self.makeFolders(path)
        } else {
            var template = Array("/tmp/duo-simulator-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { throw Self.failure("cannot make a folder in /tmp") }
            self.path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            isTemporary = true
        }
        let lockPath = self.path + "/lock"
        lock = open(lockPath, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw Self.failure("cannot open \(lockPath)") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(lock)
            throw Failure(description: "another simulator runs in \(self.path); stop it or give another --state")
        }
        // sun_path holds 108 bytes with its end.
        guard controlPath.utf8.count < 108 else {
            Glibc.close(lock)
            throw Failure(description: "\(self.path) is too long for a socket; give a shorter --state")
        }
        unlink(controlPath)
    }

    /// Safe to call twice.
    func close() {
        guard !isClosed.exchange(true, ordering: .relaxed) else { return }
        unlink(controlPath)
        if isTemporary {
            for name in ["ca.pem", "ca.key", "server.pem", "server.key", "openssl.cnf", "lock"] {
                unlink("\(path)/\(name)")
            }
            rmdir(path)
        }
        // Closing is not enough: a child just forked elsewhere in this process holds the lock until its exec.
        flock(lock, LOCK_UN)
        Glibc.close(lock)
    }

    /// Where `serve`, `phone` and `control` meet when no folder is given.
    package static var standardPath: String {
        func variable(_ name: String) -> String? {
            getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        return (variable("XDG_STATE_HOME") ?? (variable("HOME") ?? "/tmp") + "/.local/state") + "/duo-simulator"
    }

    static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("cannot write \(path)") }
        defer { Glibc.close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw failure("cannot write \(path)") }
    }

    private static func makeFolders(_ path: String) throws {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/\(part)"
            guard mkdir(made, 0o700) == 0 || errno == EEXIST else { throw failure("cannot make \(made)") }
        }
        guard chmod(path, 0o700) == 0 else { throw failure("cannot close \(path) to others") }
    }

    private static func failure(_ text: String) -> Failure {
        Failure(description: "\(text): \(String(cString: strerror(errno)))")
    }
}
