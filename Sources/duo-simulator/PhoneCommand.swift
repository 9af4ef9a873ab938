import ArgumentParser
import DuoSimulator

struct PhoneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phone", abstract: "Show waiting pushes and calls; approve, deny or report them by a key.")

    @OptionGroup var state: StateOption

    func run() throws {
        print("later")
    }
}
