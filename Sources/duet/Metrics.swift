import ArgumentParser
import DuetWire
import FoundationEssentials

/// `duet metrics`: what the daemon has counted.
struct Metrics: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the daemon has counted, as Prometheus reads it.",
        discussion: """
            For node_exporter's textfile collector, for instance; `[metrics] listen` opens a port instead. Exit code: 0, or \
            2 when the daemon does not answer.
            """)

    @Flag(help: "Print JSON: the same text, and its media type.")
    var json = false

    @Option(help: "The daemon's control socket.")
    var controlSocket = ControlClient.defaultSocket

    func run() throws {
        let document: [UInt8]
        do {
            document = try ControlClient(path: controlSocket).ask(ControlRequest(verb: "metrics"))
        } catch {
            try Terminal.fail(json: json, what: "down", error.sentence(path: controlSocket))
            return try ExitStatus.down.exit()
        }
        guard !json else { return print(String(decoding: document, as: UTF8.self)) }
        print(try JSONDecoder().decode(MetricsReport.self, from: Data(document)).text, terminator: "")
    }
}
