import DuetConfiguration

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
    /// Where it ends, if its lines before that end in a backslash.
    let lastNumber: Int
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

    private static let types = ["auth", "account", "password", "session"]

    /// Every line of a file in /etc/pam.d, as libpam puts it together and takes it apart: `_pam_assemble_line` and
    /// `_pam_parse_config_file` of Linux-PAM. `@include` stands for all four types.
    static func parse(_ text: String, file: String) -> [PAMLine] {
        var lines: [PAMLine] = []
        var held = ""
        var start = 0
        for (index, part) in text.fileLines.enumerated() {
            // Nothing in it, or only a comment, whatever that ends in: what is held goes on behind it.
            guard let first = part.utf8.first(where: { !isSpace($0) }), first != UInt8(ascii: "#") else { continue }
            if held.isEmpty { start = index + 1 }
            let said = String(Substring(part.utf8.prefix { $0 != UInt8(ascii: "#") }))
            let hasComment = said.utf8.count != part.utf8.count
            let end = said.utf8.lastIndex { !isSpace($0) }
            if !hasComment, let end, said.utf8[end] == UInt8(ascii: "\\") {
                held += said[..<end] + " "
                continue
            }
            lines += line(words(held + said), file: file, numbers: start...index + 1)
            held = ""
        }
        // libpam refuses a file that ends in the middle of a line.
        if !held.isEmpty { lines += line(["?"], file: file, numbers: start...start) }
        return lines
    }

    /// What libpam cannot read it puts a module in the place of that refuses.
    private static func line(_ words: [String], file: String, numbers: ClosedRange<Int>) -> [PAMLine] {
        guard let first = words.first else { return [] }
        let make = { (type: String, control: Control, module: String, arguments: [String]) in
            PAMLine(
                file: file, number: numbers.lowerBound, lastNumber: numbers.upperBound, type: type, control: control,
                module: module, arguments: arguments)
        }
        if words.count >= 2, first == "@include" { return types.map { make($0, .include, words[1], []) } }
        let refuse = Control.actions(["default": .bad])
        let type = (first.hasPrefix("-") ? String(first.dropFirst()) : first).lowercased()
        guard types.contains(type) else { return types.map { make($0, refuse, "pam_deny.so", []) } }
        guard words.count >= 3 else { return [make(type, refuse, "pam_deny.so", [])] }
        return [make(type, control(words[1]) ?? refuse, words[2], Array(words[3...]))]
    }

    /// Those between which libpam sees words. A CR is none: it belongs to the word.
    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
    }

    /// At spaces and tabs, but for those between brackets.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isBracketed = false
        for character in text.unicodeScalars {
            if character == "[", word.isEmpty { isBracketed = true }
            if character == " " || character == "\t", !isBracketed {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            word.unicodeScalars.append(character)
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
            // Spaces may stand around each "=".
            let words = text.dropFirst().dropLast().replacing("=", with: " = ").split(whereSeparator: \.isWhitespace)
            for start in stride(from: 0, to: words.count, by: 3) {
                guard start + 2 < words.count, words[start + 1] == "=", let action = action(words[start + 2]) else {
                    return nil
                }
                actions[String(words[start])] = action
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
        default: Int(word).flatMap { $0 > 0 ? .jump($0) : nil }
        }
    }
}
