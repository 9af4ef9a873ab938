import DuetConfiguration
import Secrets

/// A configuration file of duo_unix: pam_duo(8), login_duo(8). Section, `key = value` or `key: value`; `;` and `#` begin comments.
struct DuoUnixFile {
    struct Entry {
        let key: String
        /// Empty for what is secret.
        let value: String
        let line: Int
    }

    /// Those that pam_duo and login_duo of any version know.
    static let known: Set<String> = [
        "ikey", "skey", "host", "cafile", "http_proxy", "groups", "group", "failmode", "pushinfo", "noverify",
        "prompts",
        "autopush", "accept_env_factor", "fallback_local_ip", "https_timeout", "send_gecos", "gecos_parsed",
        "gecos_delim", "gecos_username_pos", "dev_fips_mode", "fips_mode", "verified_push",
    ]
    /// Of login_duo alone.
    static let ofLoginDuo: Set<String> = ["user", "motd", "banner"]

    private(set) var entries: [Entry] = []
    private(set) var secretKey: Secret?
    private(set) var proxy: Secret?
    /// Lines that are no entry.
    private(set) var broken: [Int] = []
    /// Entries of other sections than [duo].
    private(set) var strays: [Entry] = []
    /// Whether login_duo reads it.
    private let isOfLoginDuo: Bool

    init(_ text: String, isOfLoginDuo: Bool = false) {
        self.isOfLoginDuo = isOfLoginDuo
        var section = ""
        var previous = ""
        for (index, line) in text.fileLines.enumerated() {
            let trimmed = line.trimmed
            guard let first = trimmed.first, first != ";", first != "#" else { continue }
            // duo_unix takes an indented line for more of the entry before: more groups, which must not be lost here.
            if line.first?.isWhitespace == true, ["groups", "group"].contains(previous), !trimmed.contains("=") {
                add(previous, trimmed, line: index + 1, isOurs: section.isEmpty || section == "duo")
                continue
            }
            previous = ""
            if first == "[", let end = trimmed.firstIndex(of: "]") {
                section = trimmed[trimmed.index(after: trimmed.startIndex)..<end].trimmed
                continue
            }
            guard let sign = trimmed.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
                broken.append(index + 1)
                continue
            }
            let key = trimmed[..<sign].trimmed
            var value = trimmed[trimmed.index(after: sign)...].trimmed
            // A comment behind a value begins with a space and a semicolon.
            if let comment = value.firstRange(of: " ;") { value = value[..<comment.lowerBound].trimmed }
            add(key, value, line: index + 1, isOurs: section.isEmpty || section == "duo")
            previous = key
        }
    }

    private mutating func add(_ key: String, _ value: String, line: Int, isOurs: Bool) {
        guard isOurs else { return strays.append(Entry(key: key, value: "", line: line)) }
        switch key {
        case "skey": secretKey = Secret(value)
        case "http_proxy": proxy = Secret(value)
        default: return entries.append(Entry(key: key, value: value, line: line))
        }
        entries.append(Entry(key: key, value: "", line: line))
    }

    /// The last one counts.
    subscript(key: String) -> String? { entries.last { $0.key == key }?.value }

    /// Only these words mean yes there; everything else, `Yes` too, means no.
    func isOn(_ key: String) -> Bool { self[key].map { ["yes", "true", "on", "1"].contains($0) } ?? false }

    /// Where duo_unix stopped reading: an unknown key or a line that is none.
    var firstError: (line: Int, what: String)? {
        let known = isOfLoginDuo ? Self.known.union(Self.ofLoginDuo) : Self.known
        var errors = broken.map { ($0, "a line that is no key = value") }
        errors += entries.filter { !known.contains($0.key) }.map { ($0.line, "the unknown key \"\($0.key)\"") }
        if let mode = entries.last(where: { $0.key == "failmode" }), !["safe", "secure"].contains(mode.value) {
            errors.append((mode.line, "failmode = \(mode.value)"))
        }
        return errors.min { $0.0 < $1.0 }
    }
}

extension StringProtocol {
    /// Without spaces and tabs at its ends.
    var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }
}
