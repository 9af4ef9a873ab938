import DuoAPI
import Logging
import ServiceLifecycle

/// Asks Duo for the time once when the daemon starts: it corrects the clock, warms a connection up, and tells an admin
/// early when Duo cannot be reached. Logins do not wait for it.
struct DuoProbe: Service {
    private static let patience = Duration.seconds(10)

    let duo: AuthAPI
    let contact: DuoContact
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown { await ping() }
        try? await gracefulShutdown()
    }

    private func ping() async {
        do {
            _ = try await duo.ping(deadline: Self.patience)
            contact.record(succeeded: true, error: nil)
            let offset = duo.clock.offset
            if abs(offset) >= 30 {
                logger.warning("this host's clock is off; Duo's is used", metadata: ["seconds": "\(offset)"])
            }
        } catch DuoError.cancelled {
            return
        } catch {
            let cause = "\(error.code) \(error.explanation(host: duo.host))"
            contact.record(succeeded: false, error: cause)
            logger.error("Duo does not answer", metadata: ["cause": "\(cause)"])
        }
    }
}
