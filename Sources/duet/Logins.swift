import ArgumentParser
import DuetWire

/// `duet logins`: the logins in flight.
struct Logins: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the logins in flight, or end one.",
        subcommands: [List.self, Cancel.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the logins in flight: whose, where, waiting for what and how long.",
            discussion: "Exit code: 0, or 2 when the daemon does not answer.")
        @OptionGroup var options: ControlOptions

        func run() throws {
            let (document, report) = try options.ask("logins", as: LoginsReport.self)
            guard !options.json else { return print(document) }
            guard !report.logins.isEmpty else { return print("No login is in flight.") }
            let head = ["ID", "USER", "SERVICE", "FROM", "FOR", "WAITING FOR"]
            print(Table.text([head] + report.logins.map(Self.row)))
            if report.inFlight > report.logins.count {
                print("\(report.inFlight - report.logins.count) younger ones are not shown.")
            }
        }

        private static func row(_ entry: LoginsReport.Entry) -> [String] {
            [
                entry.id, entry.user, entry.isTrial ? "\(entry.service) (trial)" : entry.service,
                HistoryText.from(entry.rhost, entry.tty), StatusText.age(entry.age), entry.waitingFor ?? "-",
            ]
        }
    }

    struct Cancel: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a login that is in flight: it is refused, and the person is told.",
            discussion: """
                For root. A push that is approved afterwards lets nobody in. Exit code: 0 done, 2 refused: no such \
                login, or you are not root.
                """)
        @Argument(help: "Its id, from duet logins.")
        var id: String
        @OptionGroup var options: ControlOptions

        func run() throws {
            let order = CancelOrder(id: id, by: Caller.name)
            let (document, _) = try options.ask("logins-cancel", order, as: CancelOrder.self)
            print(options.json ? document : "Login \(id.plain) is being refused.")
        }
    }
}
