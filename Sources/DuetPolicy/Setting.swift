/// A value as the configuration writes it: what is shown, compared and fingerprinted comes from this one form.
package indirect enum Setting: Sendable, Equatable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([Setting])
    case table([Entry])

    package struct Entry: Sendable, Equatable {
        package let key: String
        package let value: Setting

        package init(_ key: String, _ value: Setting) {
            self.key = key
            self.value = value
        }
    }

    package static func texts(_ texts: [String]) -> Setting { .list(texts.map { .text($0) }) }

    /// On one line. Two values that differ never give the same text.
    package var toml: String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .list(let values): "[" + values.map(\.toml).joined(separator: ", ") + "]"
        case .table(let entries) where entries.isEmpty: "{}"
        case .table(let entries):
            "{ " + entries.map { "\($0.key) = \($0.value.toml)" }.joined(separator: ", ") + " }"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension Duration {
    /// `90s`, `15m`, `12h`: what `DurationText` reads; a part of a second, which no configuration has, is kept too.
    package var settingText: String {
        let (seconds, attoseconds) = components
        if attoseconds != 0 { return "\(seconds)s\(attoseconds)as" }
        if seconds > 0, seconds % 3_600 == 0 { return "\(seconds / 3_600)h" }
        if seconds > 60, seconds % 60 == 0 { return "\(seconds / 60)m" }
        return "\(seconds)s"
    }
}
