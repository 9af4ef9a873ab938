/// A configuration that does not stand. It never grants anything: the daemon refuses every login with this reason.
package struct ConfigurationError: Error, Sendable, Equatable {
    package let path: String
    /// All that is wrong, in the order of the file; never empty.
    package let problems: [Problem]
    /// What was noticed besides.
    package var warnings: [Problem] = []

    /// Every problem, rendered for people.
    package var report: String {
        problems.map { $0.rendered(path: path) }.joined(separator: "\n")
    }

    /// One line for a log or a status.
    package var summary: String {
        let first = problems.first.map { problem in
            let place = problem.position.map { ":\($0.line):\($0.column)" } ?? ""
            return "\(path)\(place): \(problem.message)"
        }
        let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
        return (first ?? path) + more
    }
}
