import ArgumentParser
import DuetWire

/// `duet metrics`: what the daemon has counted.
struct Metrics: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the daemon has counted, as Prometheus reads it.",
        discussion: """
            For node_exporter's textfile collector, for instance; `[metrics] listen` opens a port instead. Exit code: 0, or \
            2 when the daemon does not answer.
            """)

    @OptionGroup var options: ControlOptions

    func run() throws {
        let (document, report) = try options.ask("metrics", as: MetricsReport.self)
        if options.json { print(document) } else { print(report.text, terminator: "") }
    }
}
