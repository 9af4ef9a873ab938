import DuetConfiguration
import DuetMemory
import DuetPolicy

/// What `duet users` and `duet disable` have set, read anew for each login.
struct Switches: Sendable {
    private let users: ManagedUsers
    private let suspensions: SuspensionSwitch
    private let bootID: String?

    init(configuration: String, bootID: String?) {
        users = ManagedUsers(besideConfiguration: configuration)
        suspensions = SuspensionSwitch(besideConfiguration: configuration)
        self.bootID = bootID
    }

    /// Nil when the list cannot be believed.
    func isEnabled(_ user: String) -> Bool? {
        switch users.read() {
        case .known(let names): names.contains(ExactName(user))
        case .unknown: nil
        }
    }

    func suspension() -> SuspensionSwitch.State {
        suspensions.read(bootID: bootID, now: BootClock.now())
    }
}
