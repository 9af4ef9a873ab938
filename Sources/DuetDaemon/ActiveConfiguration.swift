import DuetConfiguration
import DuetLogin
import DuetMemory
import DuetPolicy
import DuoAPI
import Logging

/// A configuration at work: what logins are decided with until the next one. A login keeps the one that it began with.
final class ActiveConfiguration: Sendable {
    let configuration: Configuration
    /// By the names that rules use.
    let applications: [String: DuoConnection]
    let budget: PushBudget
    /// Of the policy: changes with everything that can change what it means.
    let fingerprint: String
    /// Whether any rule looks at the user's groups, or remembers, which a change of groups ends.
    let needsGroups: Bool
    /// Whether any rule asks who is on the list of those whom Duet manages.
    let needsEnabled: Bool
    let loaded: ContinuousClock.Instant
    /// Why the configuration file does not stand, when this is an older one.
    let stale: ConfigurationError?

    init(
        _ configuration: Configuration, memory: Memory, stale: ConfigurationError? = nil,
        on driver: (any TransportDriver)? = nil, metrics: Metrics, logger: Logger
    ) throws(DuoError) {
        self.configuration = configuration
        self.stale = stale
        var applications: [String: DuoConnection] = [:]
        for (name, settings) in configuration.applications {
            applications[name] = try DuoConnection(
                name: name, settings, on: driver, metrics: metrics, logger: logger)
        }
        self.applications = applications
        budget = PushBudget(memory, limits: configuration.push.limits, refused: { metrics.count($0) })
        fingerprint = Digest.sha256(Array(configuration.policy.rules.map(\.fingerprint).joined().utf8)).prefix(6)
            .map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
        needsGroups = Self.needsGroups(configuration.policy.rules)
        needsEnabled = configuration.policy.rules.contains { rule in
            (rule.when + rule.unless).contains { if case .enabled = $0 { true } else { false } }
        }
        loaded = .now
    }

    /// The application that a rule names; the configuration has checked that there is one.
    func application(of requirement: Requirement) -> DuoConnection? { applications[requirement.application] }

    private static func needsGroups(_ rules: [Rule]) -> Bool {
        rules.contains { rule in
            let asks = (rule.when + rule.unless).contains { if case .group = $0 { true } else { false } }
            if case .require(let requirement) = rule.action { return asks || requirement.remember != nil }
            return asks
        }
    }
}
