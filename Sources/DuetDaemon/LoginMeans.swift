import DuetLogin
import DuetMemory

/// What every login is decided with, whatever the configuration: one of each for the whole daemon.
final class LoginMeans: Sendable {
    let directory: UserDirectory
    let switches: Switches
    let store: DecisionStore
    let approvals: Approvals
    /// This host's name.
    let host: String
    let flights = SingleFlight<FlightKey, ApprovalEnd>()
    let prefetches = Prefetches()

    init(directory: UserDirectory, switches: Switches, store: DecisionStore, approvals: Approvals, host: String) {
        self.directory = directory
        self.switches = switches
        self.store = store
        self.approvals = approvals
        self.host = host
    }
}
