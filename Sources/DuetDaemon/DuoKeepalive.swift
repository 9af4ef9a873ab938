import DuetLogin
import DuoAPI

/// Lets Duo hear from this host while people log in, so that a connection stays open (Duo closes silent ones) and the next
/// login needs no handshake. A host where nobody logs in is silent. Runs until it is cancelled. Held by `DuoKeepaliveTests`.
struct DuoKeepalive: Sendable {
    private static let patience = Duration.seconds(10)

    let connection: DuoConnection
    /// How long the connection may be silent; nil: as long as Duo likes.
    let longest: Duration?
    /// How long after a login the next one is expected.
    let expectation: Duration

    init(connection: DuoConnection, expectation: Duration = .seconds(180)) {
        self.init(connection: connection, longest: connection.keepalive, expectation: expectation)
    }

    init(connection: DuoConnection, longest: Duration?, expectation: Duration = .seconds(180)) {
        self.connection = connection
        self.longest = longest
        self.expectation = expectation
    }

    func run() async {
        guard let longest else { return }
        while true {
            // With jitter: a fleet must not ping together.
            let limit = longest * Double.random(in: 0.5...1)
            do { try await silence(of: limit) } catch { return }
            guard isNeeded else { continue }
            do {
                let facts = try await connection.application.api.ping(deadline: Self.patience).facts
                connection.contact.recordPing(roundTrip: facts.total)
            } catch {
                // `DuoWatch` asks again, and says what is wrong.
                connection.contact.wake()
            }
        }
    }

    /// Returns when nobody has asked Duo for `limit`. Throws when the task is cancelled.
    private func silence(of limit: Duration) async throws {
        var left = limit
        while left > .zero {
            try await Task.sleep(for: left)
            let silent = connection.contact.last?.time.duration(to: .now) ?? limit
            left = limit - silent
        }
    }

    /// Not where nobody logs in, and not during an outage, which `DuoWatch` ends.
    private var isNeeded: Bool {
        guard let login = connection.contact.lastLogin, connection.application.breaker.outage == nil else {
            return false
        }
        return login.duration(to: .now) < expectation
    }
}
