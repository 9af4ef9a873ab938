import ArgumentParser
import DuetWire
import FoundationEssentials

/// How a verb that asks the daemon is told what to print, and where to ask.
struct ControlOptions: ParsableArguments {
    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: "The daemon's control socket.", completion: .file())
    var controlSocket = ControlClient.defaultSocket

    /// The daemon's answer, as it came and as a value; says why there is none, and ends.
    func ask<Answer: Decodable>(
        _ verb: String, _ arguments: (any Encodable)? = nil, as type: Answer.Type = Answer.self
    ) throws -> (document: String, answer: Answer) {
        let arguments = try arguments.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        let document: [UInt8]
        do {
            document = try ControlClient(path: controlSocket).ask(ControlRequest(verb: verb, arguments: arguments))
        } catch {
            try Terminal.fail(json: json, what: error.word, error.sentence(path: controlSocket))
            throw ExitCode(ExitStatus.down.rawValue)
        }
        return (String(decoding: document, as: UTF8.self), try JSONDecoder().decode(type, from: Data(document)))
    }
}

extension ControlClient.Failure {
    /// For machines.
    fileprivate var word: String {
        if case .refused = self { "refused" } else { "down" }
    }
}
