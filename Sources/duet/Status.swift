import ArgumentParser
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
        if let error = report.configurationError {
            rows.append(("configuration", "\(report.configuration) has errors: EVERY LOGIN IS REFUSED"))
            rows += error.split(separator: "\n").map { ("", String($0)) }
        } else {
            rows.append(("configuration", report.configuration))
        }
        if let duo = report.duo {
            rows.append(("Duo", "\(duo.apiHost), \(Self.contact(duo))"))
            if let outage = duo.outage {
                rows.append(("outage", "since \(age(outage.age)): \(outage.cause)"))
                rows.append(("", "logins follow their rule's fail mode at once; Duo is asked again in the background"))
            }
            if let offset = duo.clockOffset, abs(offset) >= 5 {
                rows.append(("clock", "Duo's clock is \(Int(offset)) s from this host's: check NTP"))
            }
        }
        rows.append(("in flight", report.loginsInFlight == 1 ? "1 login" : "\(report.loginsInFlight) logins"))
        let order = ["allow", "deny", "retry", "unknown", "abandoned"]
        let counts = order.map { "\($0) \(report.logins[$0] ?? 0)" }.joined(separator: ", ")
        rows.append(("since start", counts))
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { $0 + String(repeating: " ", count: width - $0.count + 2) + $1 }.joined(separator: "\n")
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
