import ArgumentParser
import DuetCommandLine
import DuetWire
import FoundationEssentials
import Glibc

/// `duet status`: how the daemon is.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how the daemon is, and whether Duo answers it.",
        discussion: "Exit code: 0 healthy, 1 degraded (Duo did not answer last), 2 down or refusing every login.")

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: "The daemon's control socket.")
    var controlSocket = ControlClient.defaultSocket

    func run() throws {
        let document: [UInt8]
        do {
            document = try ControlClient(path: controlSocket).ask(ControlRequest(verb: "status"))
        } catch {
            let sentence = error.sentence(path: controlSocket)
            try Terminal.fail(json: json, what: "down", sentence)
            return try ExitStatus.down.exit()
        }
        let report = try JSONDecoder().decode(StatusReport.self, from: Data(document))
        print(json ? String(decoding: document, as: UTF8.self) : Self.text(report))
        switch report.health {
        case .healthy: try ExitStatus.healthy.exit()
        case .degraded: try ExitStatus.degraded.exit()
        case .refusing: try ExitStatus.down.exit()
        }
    }

    static func text(_ report: StatusReport) -> String {
        var rows = [
            (
                "duetd",
                "\(report.health.rawValue), version \(report.version), pid \(report.pid), up \(age(report.uptime))"
            )
        ]
        if let suspension = report.suspension {
            rows.append(
                (
                    "SUSPENDED",
                    "nobody is asked for a second factor for \(age(suspension.remaining)) more, by \(suspension.by); "
                        + "end it with: duet enable"
                ))
        }
        rows += configuration(report)
        for duo in [report.duo].compactMap({ $0 }) + report.others { rows += Self.rows(duo) }
        if let trouble = report.memoryTrouble {
            rows.append(("memory", "\(trouble): every login is asked, and nobody gets a push"))
        } else if let remembered = report.remembered {
            rows.append(("remembered", remembered == 1 ? "1 decision" : "\(remembered) decisions"))
        }
        rows.append(("in flight", report.loginsInFlight == 1 ? "1 login" : "\(report.loginsInFlight) logins"))
        let order = ["allow", "deny", "retry", "unknown", "abandoned"]
        let counts = order.map { "\($0) \(report.logins[$0] ?? 0)" }.joined(separator: ", ")
        rows.append(("since start", counts))
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { $0 + String(repeating: " ", count: width - $0.count + 2) + $1 }.joined(separator: "\n")
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
            rows.append(("outage", "since \(age(outage.age)): \(outage.cause)"))
            rows.append(("", "logins follow their rule's fail mode at once; Duo is asked again in the background"))
        }
        return rows + duo.warnings.map { ("warning", $0) }
    }

    private static func contact(_ duo: StatusReport.Duo) -> String {
        guard let succeeded = duo.lastCallSucceeded else { return "not asked yet" }
        let ago = duo.lastCallAge.map { " \(age($0)) ago" } ?? ""
        return succeeded ? "answered\(ago)" : "did not answer\(ago): \(duo.lastError ?? "")"
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
