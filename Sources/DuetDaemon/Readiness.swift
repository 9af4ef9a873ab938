import DuetConfiguration
import DuetLogin
import DuetPolicy

/// What logins are decided with.
enum Readiness: Sendable {
    case ready(DuoApplication, Requirement, PushWording)
    /// The configuration does not stand: every login is refused with this reason. A daemon that does not start would
    /// let the module's `fail=open` turn a typo into a bypass.
    case refusing(ConfigurationError)

    var timeout: Duration {
        switch self {
        case .ready(_, let requirement, _): requirement.timeout
        case .refusing: Requirement.standard.timeout
        }
    }
}
