import DuetPolicy

/// Reads the Duo applications: `[duo]` is the default one, `[duo.NAME]` are others, each complete but for how Duo is reached.
struct ApplicationsReader {
    /// What `[duo.NAME]` takes from `[duo]`; of keys that exclude each other, none when it has one of them itself.
    private static let inherited = [
        ["ca_file"], ["proxy", "proxy_file"], ["connect_timeout"], ["preauth_timeout"], ["preauth_reuse"],
        ["keepalive"], ["max_connections"],
    ]

    private let duo: TableReader
    private let others: [(name: String, node: TOMLNode)]

    init(_ table: TableReader) {
        var own: [String: TOMLNode] = [:]
        var others: [(name: String, node: TOMLNode)] = []
        for (key, node) in table.nodes {
            if case .table = node.value { others.append((key, node)) } else { own[key] = node }
        }
        duo = table.with(own)
        self.others = others.sorted { $0.name < $1.name }
    }

    /// The names that a rule may give, sound or not.
    var names: [String] { [Requirement.defaultApplication] + others.map(\.name) }

    /// Those that stand. What does not is reported.
    func applications(files: SecretFileReader, reader: ConfigurationReader) -> [String: DuoSettings] {
        var applications: [String: DuoSettings] = [:]
        applications[Requirement.defaultApplication] = DuoSettings(duo, files: files, reader: reader)
        for (name, node) in others {
            guard NameForm.application.holds(for: name), name != Requirement.defaultApplication else {
                reader.report(
                    "[duo.\(name)] cannot be the name of an application", at: node.position,
                    hint: "lower-case letters, digits, _ and -, 32 at most; \"default\" is [duo] itself")
                continue
            }
            applications[name] = DuoSettings(table(name, node, reader), files: files, reader: reader)
        }
        return applications
    }

    private func table(_ name: String, _ node: TOMLNode, _ reader: ConfigurationReader) -> TableReader {
        let table = TableReader(name: "duo.\(name)", node: node, reader: reader)
        var entries = table.nodes
        for keys in Self.inherited where keys.allSatisfy({ table[$0] == nil }) {
            for key in keys { entries[key] = duo[key] }
        }
        return table.with(entries)
    }
}
