import Glibc

/// Runs a command of the system and waits for it.
enum CommandLineTool {
    struct Failure: Error, CustomStringConvertible {
        var command: String
        var status: Int32

        var description: String { "`\(command)` failed with status \(status); is it installed?" }
    }

    /// - Returns: the exit status. Output goes to /dev/null; the search path finds the program.
    static func status(_ arguments: [String]) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, flags) in [(0, O_RDONLY), (1, O_WRONLY), (2, O_WRONLY)] {
            posix_spawn_file_actions_addopen(&actions, Int32(descriptor), "/dev/null", flags, 0)
        }
        var pointers = arguments.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        var pid: pid_t = 0
        let error = posix_spawnp(&pid, arguments[0], &actions, nil, pointers, environ)
        guard error == 0 else { throw Failure(command: arguments[0], status: error) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { throw Failure(command: arguments[0], status: errno) }
        }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : -1
    }

    static func run(_ arguments: [String]) throws {
        let status = try status(arguments)
        guard status == 0 else { throw Failure(command: arguments.joined(separator: " "), status: status) }
    }
}
