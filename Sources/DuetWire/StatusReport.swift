/// What the daemon answers to `status`: the payload of a REPLY, as JSON.
package struct StatusReport: Codable, Sendable, Equatable {
    package enum Health: String, Codable, Sendable {
        /// Logins are decided, and Duo answered last.
        case healthy
        /// Logins are decided as far as they can be, and something needs looking at.
        case degraded
        /// Every login is refused: the configuration does not stand.
        case refusing
    }

    package struct Duo: Codable, Sendable, Equatable {
        /// As rules name it.
        package var application: String
        package var apiHost: String
        /// nil before the first call.
        package var lastCallSucceeded: Bool?
        /// Seconds since that call.
        package var lastCallAge: Double?
        package var lastError: String?
        /// Milliseconds until it answered.
        package var lastRoundTrip: Double?
        /// Duo's clock minus this host's, in seconds; nil while unknown.
        package var clockOffset: Double?
        /// Who vouches for Duo; nil before the first connection to it.
        package var authorities: Authorities?
        /// The circuit breaker is open: logins follow their fail mode at once.
        package var outage: Outage?
        /// Sentences: certificate authorities that end, a clock that is off.
        package var warnings: [String]

        package init(
            application: String, apiHost: String, lastCallSucceeded: Bool? = nil, lastCallAge: Double? = nil,
            lastError: String? = nil, lastRoundTrip: Double? = nil, clockOffset: Double? = nil,
            authorities: Authorities? = nil, outage: Outage? = nil, warnings: [String] = []
        ) {
            self.application = application
            self.apiHost = apiHost
            self.lastCallSucceeded = lastCallSucceeded
            self.lastCallAge = lastCallAge
            self.lastError = lastError
            self.lastRoundTrip = lastRoundTrip
            self.clockOffset = clockOffset
            self.authorities = authorities
            self.outage = outage
            self.warnings = warnings
        }
    }

    /// Certificate authorities that are trusted to speak for Duo.
    package struct Authorities: Codable, Sendable, Equatable {
        package var file: String
        /// Of a file that the administrator chose, the one that ends first; of the distribution's, the one that Duo uses.
        package var name: String
        /// `2038-01-17`, UTC.
        package var ends: String
        package var daysLeft: Int64

        package init(file: String, name: String, ends: String, daysLeft: Int64) {
            self.file = file
            self.name = name
            self.ends = ends
            self.daysLeft = daysLeft
        }
    }

    /// How many logins ended how since midnight, this host's time, or since the daemon started.
    package struct Day: Codable, Sendable, Equatable {
        /// `2026-11-21`.
        package var date: String
        package var allowed = 0
        /// Of those that were allowed: without a second factor, because Duo could not be reached.
        package var failOpen = 0
        package var denied = 0
        package var abandoned = 0
        /// Left to the other PAM modules.
        package var ignored = 0

        package init(date: String) {
            self.date = date
        }
    }

    package struct Outage: Codable, Sendable, Equatable {
        /// Seconds since a ping confirmed that Duo cannot be reached.
        package var age: Double
        package var cause: String

        package init(age: Double, cause: String) {
            self.age = age
            self.cause = cause
        }
    }

    package struct Policy: Codable, Sendable, Equatable {
        /// Changes with everything that can change what a rule means.
        package var fingerprint: String
        /// Seconds since it came into force.
        package var age: Double
        package var rules: Int

        package init(fingerprint: String, age: Double, rules: Int) {
            self.fingerprint = fingerprint
            self.age = age
            self.rules = rules
        }
    }

    package struct Suspension: Codable, Sendable, Equatable {
        package var by: String
        /// Seconds until it ends.
        package var remaining: Double

        package init(by: String, remaining: Double) {
            self.by = by
            self.remaining = remaining
        }
    }

    package var health: Health
    /// Why it is not healthy, in sentences.
    package var troubles: [String] = []
    package var version: String
    package var pid: Int32
    /// Seconds since the daemon started.
    package var uptime: Double
    package var configuration: String
    /// Why the configuration file does not stand, one problem after the other; an older one may be in force.
    package var configurationError: String?
    package var policy: Policy?
    /// The default application.
    package var duo: Duo?
    package var others: [Duo] = []
    /// An administrator has switched the second factor off for a while.
    package var suspension: Suspension?
    /// Remembered decisions.
    package var remembered: Int?
    /// Why nothing can be remembered, and so nobody gets a push.
    package var memoryTrouble: String?
    package var loginsInFlight: Int
    /// Ended logins by result: allow, retry, deny, unknown, abandoned.
    package var logins: [String: Int]
    package var today: Day?

    package init(
        health: Health, version: String, pid: Int32, uptime: Double, configuration: String,
        configurationError: String? = nil, duo: Duo? = nil, loginsInFlight: Int, logins: [String: Int]
    ) {
        self.health = health
        self.version = version
        self.pid = pid
        self.uptime = uptime
        self.configuration = configuration
        self.configurationError = configurationError
        self.duo = duo
        self.loginsInFlight = loginsInFlight
        self.logins = logins
    }
}
