import FoundationEssentials
import Glibc

/// A `memory-writer`, killed in the middle of its work.
struct WriterProcess {
    struct Failed: Error {
        let code: Int32
    }

    /// What it said until it was killed, line by line.
    private(set) var lines: [String] = []

    /// Blocks. Kills the process at a random moment after it has said `count` lines.
    init(folder: String, firstUID: UInt32, killAfter count: Int) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failed(code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        // Beside the test's own binary.
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = own.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/memory-writer"
        let arguments: [String] = [path, folder, String(firstUID)]
        var words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid = pid_t()
        let code = posix_spawn(&pid, path, &actions, nil, &words, environ)
        close(ends[1])
        defer { close(ends[0]) }
        guard code == 0 else { throw Failed(code: code) }

        var text: [UInt8] = []
        var seen = 0
        var buffer = [UInt8](repeating: 0, count: 4_096)
        var isKilled = false
        while true {
            let got = read(ends[0], &buffer, buffer.count)
            guard got > 0 else { break }
            text += buffer.prefix(got)
            seen += buffer.prefix(got).count { $0 == UInt8(ascii: "\n") }
            if !isKilled && seen >= count {
                // Anywhere in the one and a half steps that follow.
                usleep(.random(in: 0...400))
                kill(pid, SIGKILL)
                isKilled = true
            }
        }
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        guard status & 0x7F == SIGKILL else { throw Failed(code: status) }
        lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map { String($0) }
    }
}
