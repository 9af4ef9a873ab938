import DuetLogin
import DuoAPI
import Glibc
import Logging

/// Asks Duo for a sign of life when a configuration begins to be used, and again and again while Duo does not answer. The
/// first ping corrects the clock, warms a connection up and tells an admin early; the later ones close the circuit
/// breaker. Logins do not wait for it. Runs until it is cancelled.
struct DuoWatch: Sendable {
    private static let patience = Duration.seconds(10)
    /// Seconds between two pings: doubled from one to the other, each with jitter, so that a fleet that lost Duo
    /// together does not come back together.
    private static let pauses = 1.0...15.0

    let connection: DuoConnection
    let logger: Logger

    private var api: AuthAPI { connection.application.api }

    func run() async {
        var pause = Self.pauses.lowerBound
        var hasWarned = false
        // What was said last, so that it is said once.
        var said: String?
        while !Task.isCancelled {
            if await ping(&said) {
                if !hasWarned { warnOfAuthorities() }
                hasWarned = true
                pause = Self.pauses.lowerBound
                await connection.contact.nextFailure()
            }
            try? await Task.sleep(for: .seconds(Double.random(in: pause / 2...pause)))
            pause = min(2 * pause, Self.pauses.upperBound)
        }
    }

    /// Whether Duo answered.
    private func ping(_ said: inout String?) async -> Bool {
        let before = api.clock.offset
        let roundTrip: Duration
        do {
            roundTrip = try await api.ping(deadline: Self.patience).facts.total
        } catch DuoError.cancelled {
            return false
        } catch {
            let cause = error.report(host: api.host)
            if said != cause, connection.contact.last?.error != cause {
                logger.error(
                    "Duo does not answer", metadata: ["application": "\(connection.name)", "cause": "\(cause)"])
            }
            said = cause
            connection.contact.record(succeeded: false, error: cause)
            return false
        }
        said = nil
        connection.contact.recordPing(roundTrip: roundTrip)
        connection.application.breaker.close()
        let offset = api.clock.offset
        if abs(offset) >= 30 && abs(offset - before) >= 30 {
            logger.warning("this host's clock is off; Duo's is used", metadata: ["seconds": "\(offset)"])
        }
        return true
    }

    private func warnOfAuthorities() {
        for warning in connection.authorityWarnings(now: Int64(time(nil))) {
            logger.warning("\(warning)", metadata: ["application": "\(connection.name)"])
        }
    }
}
