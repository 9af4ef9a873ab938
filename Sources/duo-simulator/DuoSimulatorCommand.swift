import ArgumentParser

@main
struct DuoSimulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "duo-simulator",
        abstract: "A strict local Duo cloud with a phone.",
        discussion: "It accepts only what the real service documents. Nothing of it leaves this host.",
        subcommands: [ServeCommand.self, PhoneCommand.self, ControlCommand.self, UsersCommand.self])
}
