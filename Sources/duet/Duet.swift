import ArgumentParser
import DuetWire

/// Asks and checks Duet. One file for each verb.
@main
struct Duet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "duet",
        abstract: "Ask Duet how it is, and check it.",
        version: DuetVersion.current,
        subcommands: [
            Status.self, Check.self, Config.self, Explain.self, Reload.self, Cache.self, Users.self, Disable.self,
            Enable.self, CA.self,
        ])
}
