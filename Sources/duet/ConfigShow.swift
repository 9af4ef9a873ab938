import ArgumentParser
import DuetConfiguration
import DuetPolicy
import FoundationEssentials

/// `duet config show`: what is in force, defaults included.
struct ConfigShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what a configuration file means: every setting, defaults included, without secrets.",
        discussion: "Exit code: 0, or 2 when the file does not stand.")

    @Flag(help: "Print JSON.")
    var json = false

    @Option(
        name: [.customLong("configuration"), .customLong("config")], help: "The configuration file.",
        completion: .file())
    var path = Configuration.defaultPath

    func run() throws {
        let configuration: Configuration
        do {
            configuration = try Configuration.load(path: path)
        } catch {
            try Terminal.fail(json: json, what: "down", error.report)
            return try ExitStatus.down.exit()
        }
        guard json else { return print(configuration.toml) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(configuration.settings), as: UTF8.self))
    }
}
