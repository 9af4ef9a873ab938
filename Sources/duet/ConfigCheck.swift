import ArgumentParser
import DuetConfiguration
import FoundationEssentials

/// `duet config check`: everything that is wrong or odd in a configuration file. Asks neither the daemon nor Duo.
struct ConfigCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tell every error and oddity of a configuration file, with its place.",
        discussion: "Exit code: 0 the file stands, 1 it stands and has warnings, 2 it does not stand.")

    @Flag(help: "Print JSON.")
    var json = false

    @Argument(help: "The configuration file.", completion: .file())
    var file = Configuration.defaultPath

    func run() throws {
        let report = ConfigCheckReport(path: file)
        print(json ? try report.json : report.text)
        try report.status.exit()
    }
}
