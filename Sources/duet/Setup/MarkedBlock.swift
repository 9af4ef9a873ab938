import DuetConfiguration

/// The one block that `duet setup` writes into a file of somebody else's.
enum MarkedBlock {
    static let begin = "# BEGIN duet"
    static let end = "# END duet"
    /// In front of a line that the block takes out of force.
    static let was = "# was: "

    static func isIn(_ text: String) -> Bool {
        text.fileLines.contains { $0.trimmed == begin }
    }

    static func text(_ lines: [String]) -> [String] { [begin] + lines + [end] }
}
