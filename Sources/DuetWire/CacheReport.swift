/// What the daemon answers to `cache-list`, as JSON.
package struct CacheReport: Codable, Sendable, Equatable {
    /// Decisions in one answer.
    package static let most = 1_000

    package struct Entry: Codable, Sendable, Equatable {
        package var id: Int64
        /// `allow`, or `deny`: then it stops pushes.
        package var verdict: String
        package var user: String
        package var duoUser: String
        package var service: String
        package var scope: String
        /// What it is bound to, in words.
        package var bound: String
        package var factor: String?
        /// The login that it was made by.
        package var login: String
        package var why: String
        /// Seconds.
        package var age: Double
        /// Seconds until it ends.
        package var remaining: Double
        package var used: Int
        package var usesLeft: Int?

        package init(
            id: Int64, verdict: String, user: String, duoUser: String, service: String, scope: String, bound: String,
            factor: String?,
            login: String, why: String, age: Double, remaining: Double, used: Int, usesLeft: Int?
        ) {
            self.id = id
            self.verdict = verdict
            self.user = user
            self.duoUser = duoUser
            self.service = service
            self.scope = scope
            self.bound = bound
            self.factor = factor
            self.login = login
            self.why = why
            self.age = age
            self.remaining = remaining
            self.used = used
            self.usesLeft = usesLeft
        }
    }

    package var decisions: [Entry]

    package init(decisions: [Entry]) {
        self.decisions = decisions
    }
}

/// Which remembered decisions are meant: all that every given part fits. The arguments of `cache-list` and
/// `cache-forget`.
package struct CacheFilter: Codable, Sendable, Equatable {
    package var id: Int64?
    package var user: String?
    package var service: String?
    package var scope: String?

    package init(id: Int64? = nil, user: String? = nil, service: String? = nil, scope: String? = nil) {
        self.id = id
        self.user = user
        self.service = service
        self.scope = scope
    }
}

/// What the daemon answers to `cache-forget`.
package struct ForgetReport: Codable, Sendable, Equatable {
    package var forgotten: Int

    package init(forgotten: Int) {
        self.forgotten = forgotten
    }
}

/// What the daemon answers to `reload`.
package struct ReloadReport: Codable, Sendable, Equatable {
    /// The fingerprint of the policy that is in force now.
    package var policy: String
    /// How many warnings the file has.
    package var warnings: Int

    package init(policy: String, warnings: Int) {
        self.policy = policy
        self.warnings = warnings
    }
}
