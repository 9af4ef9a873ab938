import ArgumentParser
import DuetWire
import FoundationEssentials

/// `duet reload`: the daemon reads its configuration anew.
struct Reload: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let the daemon read its configuration anew.",
        discussion: """
            Logins in flight finish under the policy that they began with. A file with errors changes nothing: the one \
            before stays in force. Exit code: 0 done, 2 refused.
            """)

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: "The daemon's control socket.", completion: .file())
    var controlSocket = ControlClient.defaultSocket

    func run() throws {
        let document: [UInt8]
        do {
            document = try ControlClient(path: controlSocket).ask(ControlRequest(verb: "reload"))
        } catch {
            try Terminal.fail(json: json, what: "refused", error.sentence(path: controlSocket))
            return try ExitStatus.down.exit()
        }
        let report = try JSONDecoder().decode(ReloadReport.self, from: Data(document))
        guard !json else { return print(String(decoding: document, as: UTF8.self)) }
        print("The configuration was read again; policy \(report.policy) is in force.")
        if report.warnings > 0 {
            print("It has \(report.warnings == 1 ? "1 warning" : "\(report.warnings) warnings"): see duet config check")
        }
    }
}
