import ArgumentParser
import DuetWire

/// Asks and checks Duet. One file, or one folder, for each verb.
@main
struct Duet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "duet",
        abstract: "Ask Duet how it is, check it, and set it up.",
        version: DuetVersion.current,
        subcommands: [
            Status.self, Logins.self, History.self, Check.self, Doctor.self, Setup.self, Migrate.self, Config.self,
            Explain.self, Login.self, Reload.self, Metrics.self, Cache.self, Users.self, Disable.self, Enable.self,
            CA.self,
            Version.self,
        ])

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            var command = try await asyncParseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            Ending.finish(error, arguments: arguments)
        }
    }
}
