/// What the daemon answers to `history`, as JSON: logins that have ended, the newest first.
package struct HistoryReport: Codable, Sendable, Equatable {
    package struct Entry: Codable, Sendable, Equatable {
        package var id: String
        /// When it ended: `2026-11-21T13:01:38Z`.
        package var time: String
        /// How long it took.
        package var milliseconds: Int
        package var user: String
        package var duoUser: String?
        package var service: String
        package var rhost: String?
        package var tty: String?
        /// The real uid of the process that asked.
        package var caller: UInt32
        package var rule: String?
        package var factor: String?
        /// The name of a verdict, or `abandoned`.
        package var result: String
        package var reason: String
        package var memory: String?
        package var cause: String?
        /// Nobody has logged in: `duet login`.
        package var isTrial: Bool

        package init(
            id: String, time: String, milliseconds: Int, user: String, duoUser: String?, service: String,
            rhost: String?, tty: String?, caller: UInt32, rule: String?, factor: String?, result: String,
            reason: String, memory: String?, cause: String?, isTrial: Bool
        ) {
            self.id = id
            self.time = time
            self.milliseconds = milliseconds
            self.user = user
            self.duoUser = duoUser
            self.service = service
            self.rhost = rhost
            self.tty = tty
            self.caller = caller
            self.rule = rule
            self.factor = factor
            self.result = result
            self.reason = reason
            self.memory = memory
            self.cause = cause
            self.isTrial = isTrial
        }
    }

    package var logins: [Entry]
    /// How many the filter lets through; more than in `logins` when the limit was reached.
    package var matching: Int
    /// How many the daemon has in memory.
    package var kept: Int
    /// How many have ended since it started: more than `kept` when the oldest are forgotten.
    package var total: Int

    package init(logins: [Entry], matching: Int, kept: Int, total: Int) {
        self.logins = logins
        self.matching = matching
        self.kept = kept
        self.total = total
    }
}
