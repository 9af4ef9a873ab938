import DuetPolicy

extension PushWording {
    /// Characters of either text at most: a notification shows no more.
    private static let lengths = 1...64

    init(_ table: TableReader) {
        table.refuseUnknown(known: ["type", "display_username"], foreign: ["pushinfo": "Duet always sends it"])
        self.init(
            type: table.line("type", lengths: Self.lengths),
            displayUsername: table.line("display_username", lengths: Self.lengths))
    }
}
