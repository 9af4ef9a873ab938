import Glibc

/// A program that is run to its end, within a limit, with an environment of its own.
struct Program {
    struct Outcome {
        /// 128 and the signal for one that was killed.
        let status: Int32
        /// What it wrote to standard output and error, up to 1 MiB.
        let output: String
    }

    private static let outputCap = 1 << 20
    /// POSIX_SPAWN_SETSID of glibc, which only _GNU_SOURCE shows: <spawn.h>.
    private static let newSession: Int16 = 0x80

    let path: String
    var arguments: [String] = []

    /// Nil when it cannot be started or takes longer than `limit`; it is killed then.
    func run(limit: Duration = .seconds(20)) -> Outcome? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        guard let child = start(output: ends[1]) else {
            close(ends[1])
            return nil
        }
        close(ends[1])
        let (output, isComplete) = Self.read(ends[0], until: ContinuousClock.now + limit)
        if !isComplete { kill(child, SIGKILL) }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 { guard errno == EINTR else { return nil } }
        guard isComplete else { return nil }
        // wait(2): the signal in the low seven bits, the exit code in the byte above.
        let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
        return Outcome(status: code, output: String(decoding: output, as: UTF8.self))
    }

    /// Starts it in a session of its own, without waiting; its pid.
    func detach() -> pid_t? { start(output: nil) }

    private func start(output: Int32?) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        for target in [STDOUT_FILENO, STDERR_FILENO] {
            if let output {
                posix_spawn_file_actions_adddup2(&actions, output, target)
            } else {
                posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_WRONLY, 0)
            }
        }
        // Signals as a shell leaves them: Swift's runtime may have blocked some here.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | (output == nil ? Self.newSession : 0))
        let words = [path] + arguments
        let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "SYSTEMD_PAGER="]
        var pid: pid_t = 0
        // A program that was written a moment ago may still be open in a child that another thread has just forked.
        for _ in 0..<50 {
            let code = Self.withPointers(words) { argv in
                Self.withPointers(environment) { posix_spawn(&pid, path, &actions, &attributes, argv, $0) }
            }
            guard code == ETXTBSY else { return code == 0 ? pid : nil }
            usleep(10_000)
        }
        return nil
    }

    private static func withPointers<R>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
    ) -> R {
        let copies: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return body(copies + [nil])
    }

    private static func read(_ descriptor: Int32, until end: ContinuousClock.Instant) -> ([UInt8], Bool) {
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let left = ContinuousClock.now.duration(to: end) / .milliseconds(1)
            guard left > 0 else { return (output, false) }
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&request, 1, Int32(min(left, 60_000)))
            if ready < 0 && errno != EINTR { return (output, false) }
            guard ready > 0 else { continue }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return (output, count == 0) }
            if output.count < outputCap { output += buffer.prefix(count) }
        }
    }
}
