import NIOCore
import ServiceLifecycle

/// Gives systemd signs of life, with a line that says how the daemon is, as long as everything that a login passes
/// answers: the event loops, the logins' thread, Swift's thread pool (which runs this) and `probe`. What hangs gives none,
/// and systemd starts the daemon anew.
struct Watchdog: Service {
    /// How often the line is brought up to date where systemd asks for no signs of life.
    private static let unhurried = Duration.seconds(10)

    let manager: ServiceManager
    let group: any EventLoopGroup
    let logins: LoginLoop
    /// Shown by `systemctl status`.
    let status: @Sendable () -> String
    /// Returns when the parts of the daemon that logins need have answered.
    let probe: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while true {
                do { try await beat() } catch { return }
            }
        }
        manager.stopping()
    }

    /// Throws when the task is cancelled, and only then.
    private func beat() async throws {
        try await Task.sleep(for: manager.beat ?? Self.unhurried)
        guard manager.isListening else { return }
        for loop in group.makeIterator() { try await answer(of: loop) }
        try await logins.answers()
        await probe()
        manager.alive(status())
    }

    private func answer(of loop: any EventLoop) async throws {
        let answer = FirstResult<Void>()
        try await answer.value { loop.execute { answer.settle(.success(())) } }
    }
}
