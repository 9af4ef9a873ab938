import ArgumentParser

/// `duet config`: the configuration file, before the daemon reads it.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check the configuration file, or show what it means.",
        subcommands: [ConfigCheck.self, ConfigShow.self])
}
