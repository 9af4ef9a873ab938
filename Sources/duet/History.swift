import ArgumentParser
import DuetConfiguration
import DuetWire

/// `duet history`: how the last logins ended.
struct History: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how the last logins ended, and why.",
        discussion: """
            The daemon keeps the last 1,000 since it started; the journal has them all: journalctl -u duetd. Every filter \
            that is given has to fit. Exit code: 0, or 2 when the daemon does not answer or refuses.
            """)

    @Option(help: "Only those of this user of this host.", completion: .users)
    var user: String?

    @Option(help: "Only those of this PAM service.", completion: .services)
    var service: String?

    @Option(
        help: "Only those with this result: allow, ignore, retry, deny, unknown or abandoned.",
        completion: .list(HistoryFilter.results))
    var result: String?

    @Option(help: "Only those with this reason, such as duo_allow, fail_open or duo_deny.")
    var reason: String?

    @Option(help: "Only those that met the rule of this name.")
    var rule: String?

    @Option(name: .customLong("id"), help: "Only the login with this id, with everything that is known of it.")
    var login: String?

    @Option(help: "Only those of the last 30m, 12h …")
    var since: String?

    @Option(help: "How many at most, 1 to 1000.")
    var limit = HistoryFilter.standardLimit

    @OptionGroup var options: ControlOptions

    private var filter: HistoryFilter {
        HistoryFilter(
            login: login, user: user, service: service, result: result, reason: reason, rule: rule,
            since: since.flatMap { DurationText.parse($0) }.map { $0 / .seconds(1) }, limit: limit)
    }

    func validate() throws {
        if let since, DurationText.parse(since) == nil {
            throw ValidationError("\"\(since.plain)\" is no time: a whole number and s, m or h, as in --since 12h")
        }
        if let fault = filter.fault { throw ValidationError(fault) }
    }

    func run() throws {
        let (document, report) = try options.ask("history", filter, as: HistoryReport.self)
        guard !options.json else { return print(document) }
        guard let first = report.logins.first else {
            return print(report.kept == 0 ? "No login has ended since duetd started." : "No login fits.")
        }
        if login != nil {
            print(Table.text(HistoryText.details(first)))
        } else {
            print(Table.text([HistoryText.head] + report.logins.map(HistoryText.row)))
        }
        for line in HistoryText.leftOut(report) { print(line) }
    }
}
