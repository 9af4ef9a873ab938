import ArgumentParser
import DuoSimulator
import Glibc

struct PhoneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phone", abstract: "Show waiting pushes and calls; approve, deny or report them by a key.")

    @OptionGroup var state: StateOption

    private static let refresh: Int32 = 200

    func run() throws {
        let client = try ControlClient(path: state.controlPath)
        guard let terminal = Terminal() else { throw ValidationError("the phone needs a terminal") }
        defer { terminal.restore() }
        try show(client, on: terminal)
    }

    private func show(_ client: ControlClient, on terminal: Terminal) throws {
        let stop = StopFlag()
        let signals = StopSignals([SIGTERM, SIGHUP]) { stop.raise() }
        defer { signals.cancel() }
        var screen = PhoneScreen()
        var ended = false
        while !ended, !stop.isRaised {
            screen.show(try client.transactions())
            terminal.draw(screen.lines(width: terminal.width))
            guard let byte = terminal.key(within: Self.refresh, ended: &ended), let key = PhoneScreen.key(byte) else {
                continue
            }
            switch key {
            case .quit: return
            case .next: screen.chooseNext()
            case .answer(let answer): screen.note = try give(answer, screen.current, client)
            }
        }
    }

    private func give(_ answer: PhoneAnswer, _ current: TransactionSummary?, _ client: ControlClient) throws -> String {
        guard let current else { return "" }
        let request: JSON = ["do": "answer", "txid": .string(current.txid), "answer": .string(answer.rawValue)]
        return try client.ask(request.line)["error"]?.string ?? ""
    }
}
