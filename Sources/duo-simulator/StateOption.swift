import ArgumentParser
import DuoSimulator

struct StateOption: ParsableArguments {
    @Option(help: ArgumentHelp("Folder of certificates and control socket.", valueName: "dir"))
    var state: String = StateFolder.standardPath

    var controlPath: String { state + "/control.sock" }
}
