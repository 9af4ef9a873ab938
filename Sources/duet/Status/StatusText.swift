import DuetWire
import FoundationEssentials

/// The screen of `duet status`.
enum StatusText {
    static func text(_ report: StatusReport) -> String {
        let since = LocalTime.text(Date().timeIntervalSince1970 - report.uptime)
        var rows = [
            (
                "duetd",
                "\(health(report.health)), version \(report.version), pid \(report.pid), "
                    + "up since \(since) (\(age(report.uptime)))"
            )
        ]
        rows += report.troubles.map { ("because", Paint.yellow($0)) }
        if let suspension = report.suspension {
            let left = "nobody is asked for a second factor for \(age(suspension.remaining)) more"
            rows.append(("SUSPENDED", "\(left); end it with: duet enable"))
        }
        rows += configuration(report)
        for duo in [report.duo].compactMap({ $0 }) + report.others { rows += Self.rows(duo) }
        if let trouble = report.memoryTrouble {
            rows.append(("memory", "\(trouble): every login is asked, and nobody gets a push"))
        } else if let remembered = report.remembered {
            rows.append(("remembered", remembered == 1 ? "1 decision" : "\(remembered) decisions"))
        }
        rows.append(("in flight", report.loginsInFlight == 1 ? "1 login" : "\(report.loginsInFlight) logins"))
        if let today = report.today { rows.append(("today", Self.today(today))) }
        let order = ["allow", "deny", "retry", "unknown", "abandoned"]
        let counts = order.map { "\($0) \(report.logins[$0] ?? 0)" }.joined(separator: ", ")
        rows.append(("since start", counts))
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { $0 + String(repeating: " ", count: width - $0.count + 2) + $1 }.joined(separator: "\n")
    }

    private static func health(_ health: StatusReport.Health) -> String {
        switch health {
        case .healthy: Paint.green("healthy")
        case .degraded: Paint.yellow("degraded")
        case .refusing: Paint.red("refusing")
        }
    }

    private static func today(_ day: StatusReport.Day) -> String {
        let open = day.failOpen == 0 ? "" : " (" + Paint.red("\(day.failOpen) fail-open: without a second factor") + ")"
        let ignored = day.ignored == 0 ? "" : ", left to other modules \(day.ignored)"
        return "allowed \(day.allowed)\(open), denied \(day.denied), abandoned \(day.abandoned)\(ignored)"
    }

    private static func configuration(_ report: StatusReport) -> [(String, String)] {
        let errors = (report.configurationError ?? "").split(separator: "\n").map { ("", String($0)) }
        guard let policy = report.policy else {
            return [("configuration", "\(report.configuration) has errors: EVERY LOGIN IS REFUSED")] + errors
        }
        let rules = policy.rules == 1 ? "1 rule" : "\(policy.rules) rules"
        let force = ("policy", "\(rules), fingerprint \(policy.fingerprint), in force for \(age(policy.age))")
        guard report.configurationError != nil else { return [("configuration", report.configuration), force] }
        return [("configuration", "\(report.configuration) has errors: an older one is in force")] + errors + [force]
    }

    private static func rows(_ duo: StatusReport.Duo) -> [(String, String)] {
        let name = duo.application == "default" ? "Duo" : "Duo \(duo.application)"
        var rows = [(name, "\(duo.apiHost), \(contact(duo))")]
        if let outage = duo.outage {
            rows.append(("breaker", "open since \(age(outage.age)): \(outage.cause)"))
            rows.append(("", "logins follow their rule's fail mode at once; Duo is asked again in the background"))
        } else {
            rows.append(("breaker", "closed: logins ask Duo"))
        }
        if let offset = duo.clockOffset, duo.lastCallAge != nil { rows.append(("clock", clock(Int(offset)))) }
        if let authorities = duo.authorities {
            let end = "ends \(authorities.ends), in \(authorities.daysLeft) days"
            rows.append(("CA", "\(authorities.name) \(end) (\(authorities.file))"))
        }
        return rows
    }

    private static func clock(_ offset: Int) -> String {
        abs(offset) < 2
            ? "agrees with Duo's" : "\(abs(offset)) s \(offset > 0 ? "behind" : "ahead of") Duo's, which is used"
    }

    private static func contact(_ duo: StatusReport.Duo) -> String {
        guard let succeeded = duo.lastCallSucceeded else { return "not asked yet" }
        let ago = duo.lastCallAge.map { " \(age($0)) ago" } ?? ""
        let time = duo.lastRoundTrip.map { " in \(Int($0.rounded())) ms" } ?? ""
        return succeeded ? "answered\(ago)\(time)" : "failed\(ago): \(duo.lastError ?? "")"
    }

    /// 7 s, 12 min, 3 h, 5 d.
    static func age(_ seconds: Double) -> String {
        switch Int(seconds) {
        case ..<120: "\(Int(seconds)) s"
        case ..<7_200: "\(Int(seconds) / 60) min"
        case ..<172_800: "\(Int(seconds) / 3_600) h"
        default: "\(Int(seconds) / 86_400) d"
        }
    }
}
