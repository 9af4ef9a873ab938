/// How a person is called at Duo. Where it finds no name there is none, and the login is refused: it never falls back to
/// the Unix name, which may be somebody else's name at Duo.
package struct DuoNameRule: Sendable, Equatable {
    package enum Source: Sendable, Equatable {
        /// pw_name.
        case unix
        /// The `field`th part of pw_gecos, from 1.
        case gecos(field: Int, delimiter: Character)
        /// Unix names and the names that belong to them; whoever is not in it has no name.
        case map(file: String, names: [ExactName: String])
    }

    package var source: Source
    package var isLowerCase: Bool
    /// `alice@corp.example` and `CORP\alice` become `alice`.
    package var stripsDomain: Bool
    /// `alice` becomes `alice@` and this.
    package var addedDomain: String?

    /// Duo's limit is not documented; this is the wire's for a user name.
    package static let cap = 256

    package init(
        source: Source = .unix, isLowerCase: Bool = false, stripsDomain: Bool = false, addedDomain: String? = nil
    ) {
        self.source = source
        self.isLowerCase = isLowerCase
        self.stripsDomain = stripsDomain
        self.addedDomain = addedDomain
    }

    /// Every key of `[names]`.
    package var settings: [Setting.Entry] {
        var entries: [Setting.Entry]
        switch source {
        case .unix: entries = [.init("source", .text("unix"))]
        case .gecos(let field, let delimiter):
            entries = [
                .init("source", .text("gecos")), .init("gecos_field", .number(field)),
                .init("gecos_delimiter", .text(String(delimiter))),
            ]
        case .map(let file, _): entries = [.init("source", .text("map")), .init("map_file", .text(file))]
        }
        entries += [.init("lower_case", .flag(isLowerCase)), .init("strip_domain", .flag(stripsDomain))]
        if let addedDomain { entries.append(.init("add_domain", .text(addedDomain))) }
        return entries
    }

    /// `user` is pw_name, `gecos` is pw_gecos.
    package func duoName(user: ExactName, gecos: String) -> String? {
        guard var name = sourceName(user, gecos) else { return nil }
        if stripsDomain {
            if let backslash = name.lastIndex(of: "\\") { name = String(name[name.index(after: backslash)...]) }
            if let at = name.firstIndex(of: "@") { name = String(name[..<at]) }
        }
        if isLowerCase { name = name.lowercased() }
        guard !name.isEmpty else { return nil }
        if let addedDomain { name += "@" + addedDomain }
        let isPlain = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
        return isPlain && name.utf8.count <= Self.cap ? name : nil
    }

    private func sourceName(_ user: ExactName, _ gecos: String) -> String? {
        switch source {
        case .unix: return user.description
        case .gecos(let field, let delimiter):
            let parts = gecos.split(separator: delimiter, omittingEmptySubsequences: false)
            guard parts.indices.contains(field - 1) else { return nil }
            let part = parts[field - 1].drop { $0 == " " }
            return String(part.reversed().drop { $0 == " " }.reversed())
        case .map(_, let names): return names[user]
        }
    }
}
