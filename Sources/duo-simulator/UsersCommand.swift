import ArgumentParser
import DuoSimulator

struct UsersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users", abstract: "Print the built-in users file, to start your own from.")

    func run() {
        print(UserDirectory.standardText)
    }
}
