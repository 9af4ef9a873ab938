import DuetLogin
import ServiceLifecycle

/// Lets pushes and calls go on beside the logins that sent them, until the daemon stops.
struct ApprovalService: Service {
    let approvals: Approvals

    func run() async throws {
        await cancelWhenGracefulShutdown { await approvals.run() }
    }
}
