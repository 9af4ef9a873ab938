import DuetPolicy
import FoundationEssentials
import Glibc

/// Reads the table `[names]`: how a person is called at Duo.
struct NamesReader {
    private enum Source: String, CaseIterable {
        case unix, gecos, map
    }

    private static let keys = [
        "source", "gecos_field", "gecos_delimiter", "map_file", "lower_case", "strip_domain", "add_domain",
    ]
    private static let sizeCap = 1 << 20

    let files: SystemFiles
    let reader: ConfigurationReader

    func rule(_ table: TableReader) -> DuoNameRule {
        table.refuseUnknown(
            known: Self.keys, foreign: ["send_gecos": "duo_unix's send_gecos is source = \"gecos\" here"])
        let source: Source = table.choice("source") ?? .unix
        refuseStrangers(source, table)
        var rule = DuoNameRule()
        switch source {
        case .unix: break
        case .gecos: rule.source = gecos(table)
        case .map: rule.source = .map(file: table.string("map_file")?.text ?? "", names: map(table))
        }
        rule.isLowerCase = table.boolean("lower_case") ?? false
        rule.stripsDomain = table.boolean("strip_domain") ?? false
        if let domain = table.line("add_domain", cap: 253) {
            if !NameForm.host.holds(for: domain) {
                table.refuse("add_domain", "is no domain", hint: "without @: add_domain = \"corp.example\"")
            }
            rule.addedDomain = domain
        }
        return rule
    }

    private func refuseStrangers(_ source: Source, _ table: TableReader) {
        let owners: [(Source, String)] = [(.gecos, "gecos_field"), (.gecos, "gecos_delimiter"), (.map, "map_file")]
        for (owner, key) in owners where owner != source && table[key] != nil {
            table.refuse(key, "belongs to source = \"\(owner.rawValue)\"", hint: "add source = \"\(owner.rawValue)\"")
        }
    }

    // MARK: GECOS

    private func gecos(_ table: TableReader) -> DuoNameRule.Source {
        var delimiter: Character = ","
        if let (text, position) = table.string("gecos_delimiter") {
            if let only = text.first, text.count == 1, only.isASCII, text.isPlainLine, only != ":" {
                delimiter = only
            } else {
                reader.report("\"gecos_delimiter\" must be one ASCII character, not a colon", at: position)
            }
        }
        if table["gecos_field"] == nil {
            table.note(.error, at: "source", "[names] has no \"gecos_field\"", hint: "add gecos_field = 5")
        }
        let field = table.integer("gecos_field", in: 1...20) ?? 5
        checkEditable(field, delimiter, table)
        return .gecos(field: field, delimiter: delimiter)
    }

    /// A field that users may change with chfn(1) would let them become each other at Duo.
    private func checkEditable(_ field: Int, _ delimiter: Character, _ table: TableReader) {
        let editable = editableFields()
        let names = ["the full name", "the room", "the work phone", "the home phone"]
        if delimiter == "," {
            if editable.contains(field) {
                table.refuse(
                    "gecos_field",
                    "is \(names[field - 1]), which users may change (CHFN_RESTRICT in \(files.loginDefinitions))",
                    hint: "whoever changes it becomes somebody else at Duo: use field 5, which root alone may change")
            } else if field == 1 {
                table.note(
                    .warning, at: "gecos_field", "the full name can be changed by its owner where accountsservice runs",
                    hint: "whoever changes it becomes somebody else at Duo: use field 5")
            }
        } else if !editable.isEmpty {
            table.note(
                .error, at: "gecos_delimiter",
                "users may change \(names[(editable.min() ?? 1) - 1]) (CHFN_RESTRICT in \(files.loginDefinitions)) "
                    + "and put a \"\(delimiter)\" into it",
                hint: "chfn refuses only the comma: leave gecos_delimiter out, and use field 5")
        }
    }

    /// 1 to 4: full name, room, work phone, home phone. login.defs(5): `frwh`; `yes` is `rwh`, `no` is `frwh`; nothing: none.
    private func editableFields() -> Set<Int> {
        guard let data = FileManager.default.contents(atPath: files.loginDefinitions) else { return [] }
        var value = ""
        for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace)
            if words.count >= 2, words[0] == "CHFN_RESTRICT" { value = words[1].filter { $0 != "\"" } }
        }
        switch value {
        case "yes": value = "rwh"
        case "no": value = "frwh"
        default: break
        }
        let letters: [Character: Int] = ["f": 1, "r": 2, "w": 3, "h": 4]
        return Set(value.compactMap { letters[$0] })
    }

    // MARK: Map file

    /// Lines of a Unix name and the name at Duo, with spaces between; `#` begins a comment.
    private func map(_ table: TableReader) -> [ExactName: String] {
        guard let (path, position) = table.required("map_file", example: "/etc/duet/names") else { return [:] }
        guard path.hasPrefix("/") else {
            reader.report("\"map_file\" must be an absolute path", at: position)
            return [:]
        }
        errno = 0
        guard let data = FileManager.default.contents(atPath: path) else {
            let why = String(cString: strerror(errno == 0 ? EISDIR : errno))
            reader.report("cannot read \(path): \(why)", at: position)
            return [:]
        }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & 0o022 != 0 {
            reader.report("\(path) can be written by others", at: position, hint: "chmod go-w \(path)")
        }
        guard data.count <= Self.sizeCap, let text = String(validating: data, as: UTF8.self) else {
            reader.report("\(path) is larger than 1 MiB or not UTF-8", at: position)
            return [:]
        }
        var names: [ExactName: String] = [:]
        for (index, line) in text.fileLines.enumerated() {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard !words.isEmpty else { continue }
            let isTwice = words.count == 2 && names[ExactName(String(words[0]))] != nil
            if words.count != 2 || isTwice {
                reader.report(
                    "\(path):\(index + 1): " + (isTwice ? "\(words[0]) stands twice" : "is not two names"),
                    at: position,
                    hint: "each line is a Unix name and a name at Duo")
                continue
            }
            names[ExactName(String(words[0]))] = String(words[1])
        }
        return names
    }
}
