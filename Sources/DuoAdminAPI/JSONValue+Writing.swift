/// JSON for machines that does no harm on a terminal: what cannot be seen is escaped, so nothing is lost.
extension JSONValue {
    /// On one line, keys sorted.
    package var line: String { written(indent: nil) }

    /// On many lines, keys sorted.
    package var pretty: String { written(indent: 0) }

    private func written(indent: Int?) -> String {
        switch self {
        case .null: "null"
        case .bool(let bool): bool ? "true" : "false"
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .string(let string): Self.quoted(string)
        case .array(let elements):
            Self.block("[", elements.map { (nil, $0) }, "]", indent)
        case .object(let members):
            Self.block("{", members.sorted { $0.key < $1.key }.map { (Self.quoted($0.key), $0.value) }, "}", indent)
        }
    }

    private static func block(
        _ start: String, _ items: [(name: String?, value: JSONValue)], _ end: String, _ indent: Int?
    ) -> String {
        guard !items.isEmpty else { return start + end }
        let inner = indent.map { $0 + 2 }
        let lines = items.map { item in
            (item.name.map { $0 + (indent == nil ? ":" : ": ") } ?? "") + item.value.written(indent: inner)
        }
        guard let indent else { return start + lines.joined(separator: ",") + end }
        let margin = String(repeating: " ", count: indent)
        return "\(start)\n\(margin)  " + lines.joined(separator: ",\n\(margin)  ") + "\n\(margin)\(end)"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                for unit in String(scalar).utf16 {
                    let hex = String(unit, radix: 16)
                    quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                }
            default:
                if scalar == "\"" || scalar == "\\" { quoted += "\\" }
                quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
