import DuetLogin
import Synchronization

/// Whether Duo answered when it was last asked.
final class DuoContact: Sendable {
    struct Last: Sendable {
        let succeeded: Bool
        let time: ContinuousClock.Instant
        let error: String?
    }

    private let state = Mutex<Last?>(nil)

    var last: Last? { state.withLock { $0 } }

    func record(_ outcome: Outcome) {
        switch outcome.contact {
        case .notAsked: break
        case .answered: record(succeeded: true, error: nil)
        case .failed: record(succeeded: false, error: outcome.cause)
        }
    }

    func record(succeeded: Bool, error: String?) {
        state.withLock { $0 = Last(succeeded: succeeded, time: .now, error: error) }
    }
}
