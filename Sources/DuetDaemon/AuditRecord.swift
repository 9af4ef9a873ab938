import DuetLogin
import DuetPolicy
import DuetWire
import FoundationEssentials
import Logging

/// What is kept of one login when it has ended, or was refused on the phone after that: who, from where, by which rule, how
/// it ended and why. Holds no secret.
struct AuditRecord: Sendable, Codable, Equatable {
    /// The id that is in Duo's log and in the module's line, too.
    var login: String
    /// When it ended.
    var time: Date
    /// From BEGIN to the verdict.
    var milliseconds: Int
    var user: String
    var duoUser: String?
    var service: String
    var rhost: String?
    var tty: String?
    /// The real uid of the process that asked.
    var caller: UInt32
    /// The name of the rule that matched.
    var rule: String?
    var factor: String?
    /// A `Verdict.Result`, or `abandoned`.
    var result: String
    /// The raw value of an `AllowReason`, a `DenyReason` or a `RetryReason`, `abandoned` or `malformed`.
    var reason: String
    /// What was done with the memory of decisions.
    var memory: String?
    /// `duet login`: nobody has logged in.
    var isTrial: Bool
    /// What went wrong, for the administrator.
    var cause: String?
    var level: Level
    var kind: AuditKind

    /// Bytes of a text in a record at most: the wire and the configuration allow less, what Duo says may be longer.
    static let textCap = 1_024

    /// How much an administrator wants to know of it.
    enum Level: String, Sendable, Codable {
        case notice, error, critical

        var ofLogger: Logger.Level {
            switch self {
            case .notice: .notice
            case .error: .error
            case .critical: .critical
            }
        }
    }

    init(
        login: String, time: Date, elapsed: Duration, begin: Begin, outcome: Outcome?,
        result: (name: String, reason: String)
    ) {
        let facts = outcome?.facts
        self.login = login
        self.time = time
        milliseconds = Int(elapsed / .milliseconds(1))
        user = begin.user
        duoUser = facts?.duoUser
        service = begin.service
        rhost = begin.rhost
        tty = begin.tty
        caller = begin.caller
        rule = facts?.rule
        factor = facts?.factor?.rawValue
        self.result = result.name
        reason = result.reason
        memory = facts?.memory
        isTrial = begin.isTrial
        cause = facts?.cause.map { $0.capped(bytes: Self.textCap) }
        let end = AuditKind(outcome?.decision)
        level = end.level
        kind = begin.isTrial ? .trial : end
    }

    /// Nobody waits for a verdict any more; the record of the login itself, with the same id, was written before.
    init(_ refusal: LateRefusal, time: Date) {
        let request = refusal.request
        login = request.id
        self.time = time
        milliseconds = Int(refusal.elapsed / .milliseconds(1))
        user = request.user
        duoUser = request.duoUser
        service = request.service
        rhost = request.address?.description
        tty = request.tty
        caller = request.caller
        result = "deny"
        reason = (refusal.isFraud ? DenyReason.duoFraud : .duoDeny).rawValue
        isTrial = request.isTrial
        kind = .lateRefusal
        level = kind.level
    }
}

extension AuditRecord {
    var message: StaticString {
        kind == .lateRefusal ? "a push or call was refused after its login had gone" : "login decided"
    }

    /// What the line of a log says, in the order of the keys.
    func eachFact(_ body: (_ key: StaticString, _ value: String) -> Void) {
        body("caller", String(caller))
        if let cause { body("cause", cause) }
        if let duoUser { body("duo_user", duoUser) }
        if let factor { body("factor", factor) }
        body("login", login)
        if let memory { body("memory", memory) }
        body("ms", String(milliseconds))
        body("reason", reason)
        body("result", result)
        if let rhost { body("rhost", rhost) }
        if let rule { body("rule", rule) }
        body("service", service)
        if isTrial { body("trial", "yes") }
        if let tty { body("tty", tty) }
        body("user", user)
    }

    var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [:]
        eachFact { metadata[$0.description] = .string($1) }
        return metadata
    }
}
