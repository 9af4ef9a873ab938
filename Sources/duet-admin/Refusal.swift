import DuetCommandLine

/// Why a verb did not do what it was for, as a sentence for people.
struct Refusal: Error {
    let sentence: String
    var status = ExitStatus.down
}
