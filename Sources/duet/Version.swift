import ArgumentParser
import CBuild
import DuetWire
import DuoAPI
import FoundationEssentials

/// `duet version`: what runs here.
struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the versions of duet, of duetd and of the libraries that they run with.",
        discussion: """
            Exit code: 0, or 1 when the daemon that runs is of another version than this program: an upgrade whose restart \
            is still to come. A daemon that does not answer is no failure.
            """)

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: "The daemon's control socket.", completion: .file())
    var controlSocket = ControlClient.defaultSocket

    private struct Both: Encodable {
        var duet: VersionReport
        var duetd: VersionReport?
        /// Why there is nothing of the daemon.
        var duetdError: String?
    }

    func run() throws {
        let commit = String(cString: duet_build_commit())
        var both = Both(
            duet: VersionReport(commit: commit.isEmpty ? nil : commit, libraries: LinkedLibraries.versions))
        do throws(ControlClient.Failure) {
            let document = try ControlClient(path: controlSocket).ask(ControlRequest(verb: "version"))
            both.duetd = try? JSONDecoder().decode(VersionReport.self, from: Data(document))
        } catch {
            both.duetdError = error.sentence(path: controlSocket)
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(both), as: UTF8.self))
        } else {
            print("duet   " + Self.line(both.duet))
            print("duetd  " + (both.duetd.map(Self.line) ?? both.duetdError ?? "its answer is not understood"))
        }
        guard let daemon = both.duetd else { return }
        if daemon.version != both.duet.version || daemon.commit != both.duet.commit {
            Terminal.warn("duet: the daemon that runs is another build: systemctl restart duetd")
            try ExitStatus.degraded.exit()
        }
    }

    private static func line(_ report: VersionReport) -> String {
        let commit = report.commit.map { ", commit \($0)" } ?? ""
        let libraries = report.libraries.sorted { $0.key < $1.key }.map { "\($0) \($1)" }.joined(separator: ", ")
        return "\(report.version), protocol \(report.protocolVersion)\(commit); \(libraries)"
    }
}
