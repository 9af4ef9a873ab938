/// Makes text from outside fit for a terminal: whatever could move the cursor, hide or reorder becomes a dot.
enum PrintableText {
    static func clean(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                result.append("·")
            default:
                result.append(scalar)
            }
        }
        return String(result)
    }
}
