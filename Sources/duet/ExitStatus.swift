import ArgumentParser

/// What the exit code of every verb says: docs/exit-codes.md. Stable; a mistyped command line is 64.
enum ExitStatus: Int32 {
    case healthy = 0
    /// It works, and something needs looking at.
    case degraded = 1
    /// It does not work.
    case down = 2

    /// A mistake in duet itself: EX_SOFTWARE of sysexits.h, as 64 is its EX_USAGE.
    static let internalError = ExitCode(70)

    /// Ends the program with this code, quietly: what there was to say has been said.
    func exit() throws {
        if self != .healthy { throw ExitCode(rawValue) }
    }
}
