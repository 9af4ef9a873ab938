import ArgumentParser
import DuetWire

/// The help desk's commands. One file for each verb.
@main
struct DuetAdmin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "duet-admin",
        abstract: "Administer users, phones and bypass codes at Duo.",
        version: DuetVersion.current,
        subcommands: [])
}
