import DuetConfiguration
import DuetWire

extension StatusReport {
    /// The whole in one line, for `systemctl status`: what an admin should know first comes first.
    var line: String {
        if health == .refusing { return Readiness.refusal(Self.first(configurationError)) }
        let ended = logins.values.reduce(0, +)
        let counts = "\(loginsInFlight) in flight, \(logins["allow", default: 0]) of \(ended) allowed"
        return ([Readiness.deciding] + foundTroubles + [counts]).joined(separator: "; ")
    }

    /// What is wrong, in sentences; nothing when all is well.
    var foundTroubles: [String] {
        if health == .refusing { return [Readiness.refusal(Self.first(configurationError))] }
        var troubles: [String] = []
        if let suspension {
            troubles.append("\(suspension.by) has switched the second factor off for \(Int(suspension.remaining)) s")
        }
        if configurationError != nil {
            troubles.append("an older configuration is in force: \(Self.first(configurationError))")
        }
        for duo in [duo].compactMap({ $0 }) + others {
            if let outage = duo.outage {
                troubles.append("Duo (\(duo.application)) does not answer: \(outage.cause)")
            } else if duo.lastCallSucceeded == false {
                // Duo may have answered: that the key is wrong, say.
                troubles.append("the last call to Duo (\(duo.application)) failed: \(duo.lastError ?? "")")
            }
            troubles += duo.warnings
        }
        if let memoryTrouble { troubles.append("nothing can be remembered: \(memoryTrouble)") }
        return troubles
    }

    private static func first(_ text: String?) -> String {
        text?.split(separator: "\n").first.map(String.init) ?? ""
    }
}

extension Readiness {
    static let deciding = "Deciding logins"

    static func refusal(_ why: String) -> String { "Refusing every login: \(why)" }

    /// The same while nothing else is known.
    var line: String {
        switch self {
        case .ready: Self.deciding
        case .refusing(let error): Self.refusal(error.summary)
        }
    }
}
