/// Which ended logins are meant: all that every given part fits. The arguments of `history`.
package struct HistoryFilter: Codable, Sendable, Equatable {
    /// Logins that the daemon keeps in mind, and in one answer.
    package static let most = 1_000
    package static let standardLimit = 50
    package static let results = Verdict.Result.allCases.map { "\($0)" } + ["abandoned"]
    private static let longestPast = 3_650 * 86_400.0

    package var login: String?
    package var user: String?
    package var service: String?
    package var result: String?
    package var reason: String?
    package var rule: String?
    /// Seconds before now.
    package var since: Double?
    package var limit: Int?

    package init(
        login: String? = nil, user: String? = nil, service: String? = nil, result: String? = nil,
        reason: String? = nil, rule: String? = nil, since: Double? = nil, limit: Int? = nil
    ) {
        self.login = login
        self.user = user
        self.service = service
        self.result = result
        self.reason = reason
        self.rule = rule
        self.since = since
        self.limit = limit
    }

    /// What makes no sense in it, in a sentence; nil when all does.
    package var fault: String? {
        for (name, text) in [("user", user), ("service", service), ("rule", rule), ("login", login)] {
            guard let text else { continue }
            if text.isEmpty || TextRule.user.fitting(text) != text {
                return "\(name) is empty, too long or has control characters"
            }
        }
        if let result, !Self.results.contains(result) {
            return "there is no such result; there are: \(Self.results.joined(separator: ", "))"
        }
        if let reason, reason.isEmpty || TextRule.reason.fitting(reason) != reason {
            return "a reason is a word such as duo_allow"
        }
        if let since, !(since > 0 && since <= Self.longestPast) { return "since is a time of 1 s to 10 years" }
        if let limit, !(1...Self.most).contains(limit) { return "limit lies between 1 and \(Self.most)" }
        return nil
    }
}
