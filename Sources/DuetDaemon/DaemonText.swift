import DuetConfiguration
import DuetPolicy

/// What the daemon itself, and not a step of the login, says to people.
enum DaemonText {
    static let timedOut = "This login took too long. Please try again."
    static let stopping = "Duet is being stopped or restarted. Please try again in a moment."

    static let cancelled = "An administrator of this host has ended this login."

    static let denied = "This host's rules do not let you in here."
    static let noDuoName = "This host has no Duo user for you. Please ask your administrator."
    static let tooMany = "Too many logins are waiting for their second factor. Please try again in a minute."

    /// For whoever tries the rules out.
    static func trial(_ evaluation: Evaluation) -> String {
        guard let rule = evaluation.rule else { return "No rule matches." }
        let action =
            switch evaluation.action {
            case .require: "asks Duo"
            case .bypass(.success): "lets in without Duo"
            case .bypass(.ignore): "leaves it to the other PAM modules"
            case .deny: "refuses"
            }
        return "Rule \"\(rule.name)\" matches and \(action)."
    }

    /// Names the place and keeps the details for the log: this is read by whoever tries to log in.
    static func notConfigured(_ error: ConfigurationError) -> String {
        let place = error.problems.first?.position.map { ":\($0.line):\($0.column)" } ?? ""
        return "Duet refuses every login: its configuration has an error (\(error.path)\(place)). "
            + "An administrator can see it with: duet status"
    }
}
