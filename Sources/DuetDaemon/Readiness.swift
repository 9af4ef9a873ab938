import DuetConfiguration
import DuetPolicy

/// What logins are decided with.
enum Readiness: Sendable {
    case ready(ActiveConfiguration)
    /// The configuration does not stand, and there is no older one of this boot: every login is refused with this reason.
    /// A daemon that does not start would let the module's `fail=open` turn a typo into a bypass.
    case refusing(ConfigurationError)

    /// What is in force; nil while nothing is.
    var configuration: Configuration? {
        switch self {
        case .ready(let active): active.configuration
        case .refusing: nil
        }
    }
}
