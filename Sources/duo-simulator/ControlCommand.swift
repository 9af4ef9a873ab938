import ArgumentParser
import DuoSimulator

struct ControlCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "control", abstract: "Ask a running simulator, or make it misbehave.",
        discussion: "Prints the answer. Exit code 1 if it is an error. Verbs: "
            + ControlVerb.allCases.map(\.rawValue).joined(separator: ", ") + ".")

    @OptionGroup var state: StateOption

    @Argument(help: ArgumentHelp("A JSON object such as '{\"do\":\"transactions\"}'.", valueName: "request"))
    var request: String

    func run() throws {
        let line = request.split(whereSeparator: \.isNewline).joined(separator: " ")
        let answer = try ControlClient(path: state.controlPath).ask(line)
        print(answer.line)
        if answer["error"] != nil { throw ExitCode(1) }
    }
}
