import ArgumentParser
import FoundationEssentials

/// The end of a run that threw: always a sentence and an exit code, never a value of Swift's.
enum Ending {
    static func finish(_ error: any Error, arguments: [String]) -> Never {
        if error is ExitCode || error is CleanExit { Duet.exit(withError: error) }
        switch Duet.exitCode(for: error) {
        case .success:
            Duet.exit(withError: error)
        case .validationFailure:
            guard let sentence = VerbSuggestion.sentence(for: arguments, in: Duet.self) else {
                Duet.exit(withError: error)
            }
            Terminal.warn("duet: \(sentence)")
            Duet.exit(withError: ExitCode.validationFailure)
        default:
            if error is DecodingError {
                Terminal.warn("duet: duetd's answer is not understood: are duet and duetd of the same version?")
                Duet.exit(withError: ExitCode(ExitStatus.down.rawValue))
            }
            Terminal.warn("duet: this should not have happened, please report it: \("\(error)".plain)")
            Duet.exit(withError: ExitStatus.internalError)
        }
    }
}
