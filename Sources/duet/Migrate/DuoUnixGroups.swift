import DuetPolicy

/// duo_unix's `groups`: lists with spaces between, of patterns with commas between. A user needs Duo when, for one of the
/// lists, one of the user's groups matches a pattern and none matches a pattern behind `!`.
struct DuoUnixGroups {
    struct List {
        /// As it stood there.
        let text: String
        /// Nil: every group.
        let any: [String]?
        let not: [String]
        /// Patterns, and what they stand for on this host.
        let expansions: [String]
        /// Only patterns behind `!`: nobody matches.
        let matchesNobody: Bool
    }

    let lists: [List]

    /// `names`: the groups of this host, for which patterns stand.
    init(_ values: [String], names: [String]) {
        lists = values.flatMap(Self.split).map { Self.list($0, names: names) }
    }

    /// At spaces, but for those behind a backslash.
    private static func split(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isEscaped = false
        for character in text {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else if character == " ", !isEscaped {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                if isEscaped, character != " " { word.append("\\") }
                word.append(character)
                isEscaped = false
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    private static func list(_ text: String, names: [String]) -> List {
        var any: [String]? = []
        var not: [String] = []
        var expansions: [String] = []
        let patterns = text.split(separator: ",").map(String.init)
        for pattern in patterns {
            let isNegated = pattern.hasPrefix("!")
            let bare = isNegated ? String(pattern.dropFirst()) : pattern
            guard !bare.isEmpty else { continue }
            if bare == "*", !isNegated {
                any = nil
                continue
            }
            var found = [bare]
            if bare.contains(where: { $0 == "*" || $0 == "?" }) {
                found = names.filter { ServicePattern(bare).matches(ExactName($0)) }.sorted()
                expansions.append("\(bare) is \(found.isEmpty ? "no group" : found.joined(separator: ", "))")
            }
            for name in found where isNegated ? !not.contains(name) : any?.contains(name) == false {
                if isNegated { not.append(name) } else { any?.append(name) }
            }
        }
        return List(
            text: text, any: any, not: not, expansions: expansions,
            matchesNobody: patterns.allSatisfy { $0.hasPrefix("!") })
    }
}
