import DuetWire
import Logging
import ServiceLifecycle

/// Serves logins on the login socket, and who is only said to be coming, for root alone: a login that needs nobody at once on
/// the loop's thread, and one that has to wait by a task each time that there is something to do for it.
struct LoginServer: Service {
    /// How long a daemon that stops waits for those who have connected and not said yet who they are.
    private static let lastWords = Duration.seconds(1)

    let socket: ListeningSocket
    let loop: LoginLoop
    let registry: LoginRegistry
    let logger: Logger
    let ready: @Sendable () -> Void
    /// What to call when there is something to do for a login that has to wait; false when nobody does it any more.
    typealias Resume = @Sendable (PendingLogin) -> Bool
    /// Decides it, unless it has to wait.
    let open: @Sendable (LoginConnection, Resume) -> Void
    let serve: @Sendable (PendingLogin, @escaping Resume) async -> Void
    let prefetch: @Sendable (Begin) async -> Void

    private enum Arrival: Sendable {
        case login(PendingLogin)
        case prefetch(Begin)
    }

    func run() async throws {
        let (arrivals, feed) = AsyncStream.makeStream(of: Arrival.self)
        let resume: Resume = { pending in
            if case .terminated = feed.yield(.login(pending)) { false } else { true }
        }
        let desk = LoginPeers.Desk(
            begun: { open($0, resume) },
            coming: { feed.yield(.prefetch($0)) })
        let listener = try socket.listen(mode: 0o600)
        defer { socket.remove() }
        loop.execute { [logger] in $0.serve(listener, desk: desk, logger: logger) }
        ready()
        await withTaskCancellationOrGracefulShutdownHandler {
            await withTaskExecutorPreference(loop) {
                await run(arrivals, resume: resume)
            }
        } onCancelOrGracefulShutdown: {
            registry.stop()
            // Who has been accepted is told that the daemon stops; who has not waits in systemd's socket for the next one.
            loop.execute { $0.stop(Self.lastWords) { feed.finish() } }
        }
        loop.execute { $0.hangUp() }
    }

    /// Until nobody arrives any more, and all have gone.
    private func run(_ arrivals: AsyncStream<Arrival>, resume: @escaping Resume) async {
        await withDiscardingTaskGroup { logins in
            for await arrival in arrivals {
                switch arrival {
                case .login(let pending): logins.addTask { await serve(pending, resume) }
                // Nobody waits for it, and a daemon that stops does not either.
                case .prefetch(let begin):
                    logins.addTask { await cancelWhenGracefulShutdown { await prefetch(begin) } }
                }
            }
        }
    }
}
