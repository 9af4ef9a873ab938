import ArgumentParser
import DuetCommandLine
import DuetWire
import FoundationEssentials

/// `duet status`: how the daemon is.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how the daemon is, and whether Duo answers it.",
        discussion: """
            Says first why it is not healthy, when it is not. Exit code: 0 healthy, 1 degraded (the last call to Duo failed, \
            the circuit breaker is open, an older configuration is in force, an authority ends soon, the clock is off, \
            nothing can be remembered, the second factor is suspended), 2 down or refusing every login. With --watch, \
            that of the last one shown.
            """)

    @Flag(help: "Show it again and again: in place on a terminal, until q or Ctrl-C; one after the other elsewhere.")
    var watch = false

    @Option(help: "Seconds between two looks with --watch, 0.2 to 3600.")
    var interval = 2.0

    @OptionGroup var options: ControlOptions

    func validate() throws {
        guard (0.2...3_600).contains(interval) else { throw ValidationError("--interval lies between 0.2 and 3600") }
    }

    /// What there is to show of one look at the daemon.
    struct Look {
        var text: String
        var status: ExitStatus
    }

    func run() throws {
        guard !watch else { return try StatusWatch(interval: interval, look: look).run().exit() }
        guard !options.json else { return try document() }
        let look = look()
        if look.status == .down, look.isSentence {
            Terminal.warn(look.text)
        } else {
            print(look.text)
        }
        try look.status.exit()
    }

    private func document() throws {
        let (document, report) = try options.ask("status", as: StatusReport.self)
        print(document)
        try Self.status(report).exit()
    }

    /// Never throws: a daemon that is down is worth watching too.
    private func look() -> Look {
        do throws(ControlClient.Failure) {
            let document = try ControlClient(path: options.controlSocket).ask(ControlRequest(verb: "status"))
            guard let report = try? JSONDecoder().decode(StatusReport.self, from: Data(document)) else {
                return Look(
                    text: "duet: duetd's answer is not understood: are duet and duetd of the same version?",
                    status: .down)
            }
            if options.json {
                return Look(text: String(decoding: document, as: UTF8.self), status: Self.status(report))
            }
            return Look(text: StatusText.text(report), status: Self.status(report))
        } catch {
            return Look(text: "duet: " + error.sentence(path: options.controlSocket), status: .down)
        }
    }

    private static func status(_ report: StatusReport) -> ExitStatus {
        switch report.health {
        case .healthy: .healthy
        case .degraded: .degraded
        case .refusing: .down
        }
    }
}

extension Status.Look {
    /// Not the screen, but why there is none.
    fileprivate var isSentence: Bool { text.hasPrefix("duet: ") }
}
