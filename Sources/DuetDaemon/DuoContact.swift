import DuetLogin
import Synchronization

/// Whether Duo answered when it was last asked.
final class DuoContact: Sendable {
    struct Last: Sendable {
        let succeeded: Bool
        let time: ContinuousClock.Instant
        let error: String?
        /// How long the answer took.
        let roundTrip: Duration?
        /// Duo refused this host's keys: no ping, which bears no signature, says anything about them.
        var isOfKeys = false
    }

    private let state = Mutex<Last?>(nil)
    /// When Duo last answered a login.
    private let login = Mutex<ContinuousClock.Instant?>(nil)
    private let failures: AsyncStream<Void>
    private let failed: AsyncStream<Void>.Continuation

    init() {
        (failures, failed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var last: Last? { state.withLock { $0 } }
    var lastLogin: ContinuousClock.Instant? { login.withLock { $0 } }

    /// Returns when Duo has failed somebody since the last return, or when the task is cancelled. One caller at a time.
    func nextFailure() async {
        for await _ in failures { return }
    }

    func record(_ outcome: Outcome) {
        switch outcome.facts.contact {
        case .notAsked: break
        case .answered:
            login.withLock { $0 = .now }
            record(succeeded: true, error: nil, roundTrip: outcome.facts.preauthTime ?? last?.roundTrip)
        case .failed:
            if outcome.decision == .deny(.duoUnauthorized) {
                keysAreRefused(outcome.facts.cause)
            } else {
                record(succeeded: false, error: outcome.facts.cause)
            }
            wake()
        }
    }

    private func keysAreRefused(_ cause: String?) {
        state.withLock { $0 = Last(succeeded: false, time: .now, error: cause, roundTrip: nil, isOfKeys: true) }
    }

    /// A ping was answered. Keys that were refused are refused until a login is answered.
    func recordPing(roundTrip: Duration) {
        state.withLock { last in
            if last?.isOfKeys != true { last = Last(succeeded: true, time: .now, error: nil, roundTrip: roundTrip) }
        }
    }

    /// Duo may be away: whoever waits in `nextFailure` has to look.
    func wake() { failed.yield() }

    func record(succeeded: Bool, error: String?, roundTrip: Duration? = nil) {
        state.withLock { last in
            // That Duo is away besides, says the circuit breaker.
            if succeeded || last?.isOfKeys != true {
                last = Last(succeeded: succeeded, time: .now, error: error, roundTrip: roundTrip)
            }
        }
    }
}
