/// Something wrong in a configuration file: where, what, and how to mend it.
package struct Problem: Sendable, Equatable {
    /// nil for what concerns the file as a whole.
    package let position: SourcePosition?
    package let message: String
    package let hint: String?
    /// The line of the file that `position` points into, without its value where that may be a secret.
    package let excerpt: String?

    /// `PATH:LINE:COLUMN: message`, then the line itself with a mark below the place, then the hint.
    package func rendered(path: String) -> String {
        var text = path
        if let position { text += ":\(position.line):\(position.column)" }
        text += ": \(message)"
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
