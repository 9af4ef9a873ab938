import DuetConfiguration
import DuetMemory
import DuetPolicy

/// What `duet users` and `duet disable` have set, read anew for each login.
struct Switches: Sendable {
    let configuration: String
    let bootID: String?

    /// Nil when the list cannot be believed.
    func isEnabled(_ user: String) -> Bool? {
        switch ManagedUsers(besideConfiguration: configuration).read() {
        case .known(let names): names.contains(ExactName(user))
        case .unknown: nil
        }
    }

    func suspension() -> SuspensionSwitch.State {
        SuspensionSwitch(besideConfiguration: configuration).read(bootID: bootID, now: BootClock.now())
    }
}
