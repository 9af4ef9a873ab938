/// Something wrong in a configuration file: where, what, and how to mend it.
package struct Problem: Sendable, Equatable {
    package enum Severity: String, Sendable {
        /// The configuration does not stand.
        case error
        /// It stands, and probably does not do what was meant.
        case warning
    }

    /// nil for what concerns the file as a whole.
    package let position: SourcePosition?
    package let message: String
    package let hint: String?
    /// The line of the file that `position` points into, without its value where that may be a secret.
    package let excerpt: String?
    package var severity = Severity.error

    /// `PATH:LINE:COLUMN: message` or `PATH:LINE:COLUMN: warning: message`, then the line itself with a mark below the place, then the hint.
    package func rendered(path: String) -> String {
        var text = path
        if let position { text += ":\(position.line):\(position.column)" }
        text += severity == .warning ? ": warning: \(message)" : ": \(message)"
        if let position, let excerpt {
            let number = String(position.line)
            let gutter = String(repeating: " ", count: number.count)
            let indent = String(repeating: " ", count: max(0, position.column - 1))
            text += "\n  \(number) | \(excerpt)\n  \(gutter) | \(indent)^"
        }
        if let hint { text += "\n  hint: \(hint)" }
        return text
    }
}
