/// One line of a PAM service: pam.conf(5).
struct PAMLine: Sendable, Equatable {
    enum Control: Sendable, Equatable {
        /// What is done for each return value; "default" for those that are not named.
        case actions([String: Action])
        case include
        case substack
    }

    enum Action: Sendable, Equatable {
        case ignore, ok, done, bad, die, reset
        case jump(Int)
    }

    let file: String
    /// From 1.
    let number: Int
    /// auth, account, password or session.
    let type: String
    let control: Control
    /// A module, or the file that is included.
    let module: String
    let arguments: [String]

    var place: String { "\(file):\(number)" }
    /// Without folder and ending: pam_unix.
    var moduleName: String {
        let base = module.split(separator: "/").last.map(String.init) ?? module
        return base.hasSuffix(".so") ? String(base.dropLast(3)) : base
    }

    /// Every line of a file in /etc/pam.d. `@include` stands for all four types. A line that is none is left out.
    static func parse(_ text: String, file: String) -> [PAMLine] {
        var lines: [PAMLine] = []
        var held = ""
        var start = 0
        for (index, part) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if held.isEmpty { start = index + 1 }
            if part.hasSuffix("\\") {
                held += part.dropLast() + " "
                continue
            }
            let whole = (held + part).prefix { $0 != "#" }
            held = ""
            lines += line(words(String(whole)), file: file, number: start)
        }
        return lines
    }

    private static func line(_ words: [String], file: String, number: Int) -> [PAMLine] {
        if words.count >= 2, words[0] == "@include" {
            return ["auth", "account", "password", "session"].map {
                PAMLine(file: file, number: number, type: $0, control: .include, module: words[1], arguments: [])
            }
        }
        guard words.count >= 3, let control = control(words[1]) else { return [] }
        let type = words[0].hasPrefix("-") ? String(words[0].dropFirst()) : words[0]
        return [
            PAMLine(
                file: file, number: number, type: type.lowercased(), control: control, module: words[2],
                arguments: Array(words[3...]))
        ]
    }

    /// At spaces and tabs, but for those between brackets.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isBracketed = false
        for character in text {
            if character == "[", word.isEmpty { isBracketed = true }
            if character.isWhitespace, !isBracketed {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            word.append(character)
            if character == "]" { isBracketed = false }
        }
        return word.isEmpty ? words : words + [word]
    }

    private static func control(_ word: String) -> Control? {
        let renewed = "new_authtok_reqd"
        switch word.lowercased() {
        case "include": return .include
        case "substack": return .substack
        case "required": return .actions(["success": .ok, renewed: .ok, "ignore": .ignore, "default": .bad])
        case "requisite": return .actions(["success": .ok, renewed: .ok, "ignore": .ignore, "default": .die])
        case "sufficient": return .actions(["success": .done, renewed: .done, "default": .ignore])
        case "optional": return .actions(["success": .ok, renewed: .ok, "default": .ignore])
        case let text where text.hasPrefix("[") && text.hasSuffix("]"):
            var actions: [String: Action] = [:]
            for pair in text.dropFirst().dropLast().split(whereSeparator: \.isWhitespace) {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, let action = action(parts[1]) else { return nil }
                actions[String(parts[0])] = action
            }
            return .actions(actions)
        default: return nil
        }
    }

    private static func action(_ word: Substring) -> Action? {
        switch word {
        case "ignore": .ignore
        case "ok": .ok
        case "done": .done
        case "bad": .bad
        case "die": .die
        case "reset": .reset
        default: Int(word).map { .jump($0) }
        }
    }
}
