import DuetLogin
import DuoAPI
import Logging
import ServiceLifecycle

/// Asks Duo for a sign of life when the daemon starts, and again and again while Duo does not answer. The first ping
/// corrects the clock, warms a connection up and tells an admin early; the later ones close the circuit breaker. Logins do
/// not wait for it.
struct DuoWatch: Service {
    private static let patience = Duration.seconds(10)
    /// Seconds between two pings: doubled from one to the other, each with jitter, so that a fleet that lost Duo
    /// together does not come back together.
    private static let pauses = 1.0...15.0

    let application: DuoApplication
    let contact: DuoContact
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown { await watch() }
    }

    private func watch() async {
        var pause = Self.pauses.lowerBound
        while !Task.isCancelled {
            if await ping() {
                pause = Self.pauses.lowerBound
                await contact.nextFailure()
            }
            try? await Task.sleep(for: .seconds(Double.random(in: pause / 2...pause)))
            pause = min(2 * pause, Self.pauses.upperBound)
        }
    }

    /// Whether Duo answered.
    private func ping() async -> Bool {
        let before = application.api.clock.offset
        do {
            _ = try await application.api.ping(deadline: Self.patience)
        } catch DuoError.cancelled {
            return false
        } catch {
            let cause = "\(error.code) \(error.explanation(host: application.api.host))"
            if contact.last?.error != cause { logger.error("Duo does not answer", metadata: ["cause": "\(cause)"]) }
            contact.record(succeeded: false, error: cause)
            return false
        }
        contact.record(succeeded: true, error: nil)
        application.breaker.close()
        let offset = application.api.clock.offset
        if abs(offset) >= 30 && abs(offset - before) >= 30 {
            logger.warning("this host's clock is off; Duo's is used", metadata: ["seconds": "\(offset)"])
        }
        return true
    }
}
