import ArgumentParser
import DuetWire

/// Asks and checks Duet. One file for each verb.
@main
struct Duet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "duet",
        abstract: "Ask Duet how it is, check it, and set it up.",
        version: DuetVersion.current,
        subcommands: [
            Status.self, Check.self, Doctor.self, Setup.self, Migrate.self, Config.self, Explain.self, Reload.self,
            Metrics.self, Cache.self, Users.self, Disable.self, Enable.self, CA.self,
        ])
}
