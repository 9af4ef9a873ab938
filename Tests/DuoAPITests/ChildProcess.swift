import Foundation
import Glibc
import Synchronization

/// A program started with posix_spawn. (Foundation's `Process` waits in a run loop, which hangs on the threads of
/// Swift's concurrency.)
final class ChildProcess: Sendable {
    /// Reads what the program prints.
    let output: Int32
    private let pid: pid_t

    // One at a time, so that no child inherits the pipe of another.
    private static let spawning = Mutex(())

    init(_ arguments: [String], in directory: String) throws {
        (pid, output) = try Self.spawning.withLock { _ in try Self.spawn(arguments, in: directory) }
    }

    private static func spawn(_ arguments: [String], in directory: String) throws -> (pid_t, Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failed(arguments: arguments, code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        // The simulator's connections among them: one that it closes would stay open as long as the program runs.
        for descriptor in Int32(3)..<4_096 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        let line = ["/bin/sh", "-c", #"cd "$0" && exec "$@""#, directory] + arguments
        var words = line.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid = pid_t()
        let code = posix_spawn(&pid, line[0], &actions, nil, &words, environ)
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            throw Failed(arguments: arguments, code: code)
        }
        return (pid, ends[0])
    }

    /// On a thread of its own: whoever waits for programs on the few threads of Swift's concurrency keeps every other test
    /// waiting too.
    static func offPool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }

    /// Runs the program to its end, which has to be a success.
    static func run(_ arguments: [String], in directory: String) throws {
        let child = try ChildProcess(arguments, in: directory)
        while child.readLine() != nil {}
        let status = child.wait()
        guard status == 0 else { throw Failed(arguments: arguments, code: status) }
    }

    func readLine() -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1 {
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }

    func terminate() {
        kill(pid, SIGKILL)
        _ = wait()
    }

    private func wait() -> Int32 {
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        close(output)
        return status
    }

    struct Failed: Error {
        let arguments: [String]
        let code: Int32
    }
}
