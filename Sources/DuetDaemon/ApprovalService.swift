import DuetLogin
import ServiceLifecycle

/// Lets pushes and calls go on beside the logins that sent them, until the daemon stops.
struct ApprovalService: Service {
    let approvals: Approvals
    /// That of the logins: what they send and hear wakes no other thread.
    let loop: LoginLoop

    func run() async throws {
        await withTaskExecutorPreference(loop) {
            await cancelWhenGracefulShutdown { await approvals.run() }
        }
    }
}
