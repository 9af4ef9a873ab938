import ArgumentParser

/// What the exit code of every verb says. Stable; a mistyped command line is 64.
package enum ExitStatus: Int32 {
    case healthy = 0
    /// It works, and something needs looking at.
    case degraded = 1
    /// It does not work.
    case down = 2

    /// Ends the program with this code, quietly: what there was to say has been said.
    package func exit() throws {
        if self != .healthy { throw ExitCode(rawValue) }
    }
}
