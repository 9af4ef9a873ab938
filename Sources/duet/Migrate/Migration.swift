import DuetPolicy
import Secrets

/// A duo_unix configuration as a duet.toml. A comment stands at every difference; what needs a person is in `remarks` too.
struct Migration {
    /// What this host knows and the old file does not say.
    struct Surroundings {
        /// Where the old file lay, for the comments.
        var source: String
        var secretKeyFile: String
        var proxyFile: String
        /// The groups of this host.
        var groups: [String]
        /// Set where a field of GECOS may not decide who somebody is at Duo: a file with the names as they are now.
        var mapFile: String?
    }

    private(set) var text = ""
    private(set) var remarks: [String] = []
    /// A proxy with a password, which must not stand in a file for everybody.
    private(set) var proxyHasPassword = false
    /// Which field of GECOS was the name at Duo, and between what; nil: the Unix name.
    let gecos: (field: Int, delimiter: String)?

    private let file: DuoUnixFile
    private let surroundings: Surroundings

    init(_ file: DuoUnixFile, _ surroundings: Surroundings) {
        self.file = file
        self.surroundings = surroundings
        gecos = Self.gecos(file)
        add(
            "# Made by \"duet migrate\" from \(surroundings.source), a configuration of duo_unix. \"differs:\" says what is not as it was."
        )
        whatFailedOpen()
        add("", "[duo]")
        application()
        network()
        add("", "[login]")
        failMode()
        factors()
        names()
        rules()
        leftOut()
    }

    // MARK: What was silently open

    private mutating func whatFailedOpen() {
        if let (line, what) = file.firstError {
            let isSecure = file.entries.last { $0.key == "failmode" && $0.line < line }?.value == "secure"
            differs(
                "duo_unix stops at line \(line) (\(what)) and then "
                    + (isSecure
                        ? "refuses everybody."
                        : "lets everybody in without Duo, because failmode = secure does not stand before it.")
                    + " Duet refuses logins while its configuration has an error.", remark: true)
        }
        if file.isOn("autopush"), file.isOn("verified_push") {
            differs(
                "autopush with verified_push is an error in duo_unix, which with failmode safe lets everybody in without Duo. "
                    + "Duet knows both together.", remark: true)
        }
        if file["ikey"] == nil || file["host"] == nil || file.secretKey == nil {
            differs(
                "ikey, skey or host is missing: duo_unix with failmode safe then lets everybody in without Duo. "
                    + "Duet refuses logins.", remark: true)
        }
        if file.isOn("noverify") {
            differs(
                "noverify took any certificate for Duo's, so that whoever is on the way could let in. Duet always verifies; "
                    + "where a proxy intercepts TLS, name its authority in ca_file.", remark: true)
        }
    }

    // MARK: [duo]

    private mutating func application() {
        for (key, theirs) in [("integration_key", "ikey"), ("api_host", "host")] {
            if let value = file[theirs] {
                add("\(key) = \(Setting.text(value).toml)")
            } else {
                add("#\(key) = \"…\"")
            }
        }
        add("# The key is in a file of its own: duo_unix's skey is nowhere else.")
        add("secret_key_file = \(Setting.text(surroundings.secretKeyFile).toml)")
    }

    private mutating func network() {
        if let authorities = file["cafile"], !file.isOn("noverify") {
            add("ca_file = \(Setting.text(authorities).toml)")
        } else {
            differs(
                "duo_unix trusts authorities that are compiled in; without ca_file Duet trusts those of this system. \"duo\" is Duo's own list."
            )
            add("#ca_file = \"duo\"")
        }
        if let proxy = file.proxy {
            let url = proxy.withBytes { String(decoding: $0, as: UTF8.self) }
            if url.contains("@") {
                proxyHasPassword = true
                add("# With a password, so in a file of its own.")
                add("proxy_file = \(Setting.text(surroundings.proxyFile).toml)")
            } else {
                add("proxy = \(Setting.text(url).toml)")
            }
        }
        guard let value = file["https_timeout"] else {
            differs("duo_unix waits without an end; Duet waits preauth_timeout (5s) for Duo, then fail decides.")
            return
        }
        let seconds = Int(value) ?? 0
        if (2...30).contains(seconds) {
            add("preauth_timeout = \"\(seconds)s\"")
        } else {
            differs("https_timeout = \(value.plain) is outside of Duet's 2s to 30s: the default of 5s holds.")
        }
    }

    // MARK: [login]

    private mutating func failMode() {
        switch file["failmode"] {
        case "secure"?:
            add("fail = \"closed\"")
        case "safe"?:
            differs(
                "failmode = safe let everybody in without Duo also when its configuration could not be read, the keys were wrong "
                    + "or TLS failed. Here only a Duo that cannot be reached does; think of \"closed\".", remark: true)
            add("fail = \"open\"")
        case let other:
            let said = other.map { "failmode = \($0.plain) is none" } ?? "no failmode"
            differs(
                "\(said): duo_unix was fail-open without saying so, and let everybody in without Duo whenever it could not be "
                    + "asked. Duet refuses; fail = \"open\" would let in while Duo cannot be reached.", remark: true)
            add("fail = \"closed\"")
        }
    }

    private mutating func factors() {
        if file.isOn("autopush") { add("autopush = \"auto\"") }
        if let value = file["prompts"] {
            // As there: 3 at most, and anything below 1 changes nothing.
            let count = Int(value) ?? 0
            add("prompts = \((1...3).contains(count) ? count : 3)")
            if !(1...3).contains(count) { differs("prompts = \(value.plain) meant 3 in duo_unix.") }
            if count > 1, file.isOn("autopush") {
                differs("with autopush duo_unix sent a push for each prompt; after one that fails Duet shows the menu.")
            }
        }
        if file["verified_push"] != nil { add("verified_push = \(file.isOn("verified_push"))") }
    }

    // MARK: [names]

    private static func gecos(_ file: DuoUnixFile) -> (field: Int, delimiter: String)? {
        let position = file["gecos_username_pos"].flatMap { Int($0) } ?? 0
        guard position > 0 || file.isOn("send_gecos") else { return nil }
        // The whole text is the first of the parts that a comma does not part.
        return position > 0 ? (position, file["gecos_delim"].flatMap(\.first).map(String.init) ?? ",") : (1, ",")
    }

    private mutating func names() {
        guard let gecos else { return }
        add("", "[names]")
        differs(
            "whoever has nothing in that field went to Duo with the Unix name, which may be somebody else's there. "
                + "Duet refuses them.", remark: true)
        if let map = surroundings.mapFile {
            differs(
                "users may change that field with chfn, and so be somebody else at Duo. The names are in a file now, "
                    + "as they are today.", remark: true)
            add("source = \"map\"", "map_file = \(Setting.text(map).toml)")
            return
        }
        add("source = \"gecos\"", "gecos_field = \(gecos.field)")
        if gecos.delimiter != "," { add("gecos_delimiter = \(Setting.text(gecos.delimiter).toml)") }
        if file["gecos_username_pos"] == nil {
            differs("send_gecos sent the whole text; Duet sends what is before its first comma.", remark: true)
        }
    }

    // MARK: [[rule]]

    private mutating func rules() {
        let values = file.entries.filter { ["groups", "group"].contains($0.key) }.map(\.value)
        let groups = DuoUnixGroups(values, names: surroundings.groups).lists
        guard !groups.isEmpty else { return }
        var coversEverybody = false
        for (index, list) in groups.enumerated() {
            add("", "# groups: \(list.text.plain)")
            if !list.expansions.isEmpty {
                differs(
                    "Duet has no patterns for groups. On this host today: \(list.expansions.joined(separator: "; ").plain).",
                    remark: true)
            }
            guard !list.matchesNobody else {
                differs(
                    "only groups behind \"!\": that matches nobody, so that duo_unix asked nobody. To ask everybody but them: "
                        + "when = { group = { not = […] } }.", remark: true)
                continue
            }
            if let any = list.any, any.isEmpty {
                differs("no group of this host matches: there is nobody whom this rule would ask.", remark: true)
                continue
            }
            let condition = GroupCondition(
                any: (list.any ?? []).map { ExactName($0) }, not: list.not.map { ExactName($0) })
            add("[[rule]]", "name = \"\(groups.count == 1 ? "groups" : "groups \(index + 1)")\"")
            if !condition.any.isEmpty || !condition.not.isEmpty {
                add("when = { \(Condition.group(condition).text) }")
            } else {
                coversEverybody = true
            }
            add("action = \"require\"")
            if coversEverybody { return }
        }
        add("")
        remarks.append("users outside of the groups get in without Duo, as under duo_unix; root is one of them")
        add("# Everybody else got in without Duo, and does here. root too, unless root is in one of the groups above.")
        add("[[rule]]", "name = \"everybody else\"", "action = \"bypass\"")
    }

    // MARK: What there is not

    private mutating func leftOut() {
        let reasons = [
            "accept_env_factor": "Duet takes no factor from the environment: whoever logs in controls it.",
            "fallback_local_ip": "where a login has no client address, Duet sends none.",
            "dev_fips_mode": "Duet uses the system's OpenSSL, and its FIPS provider where that is set up.",
            "fips_mode": "Duet uses the system's OpenSSL, and its FIPS provider where that is set up.",
            "gecos_parsed": "duo_unix ignores it too; gecos_username_pos took its place.",
            "motd": "the message of the day is PAM's (pam_motd).",
            "banner": "the banner is sshd's (Banner).",
            "user": "Duet's daemon runs as duet.",
        ]
        var comments: [String] = []
        for entry in file.entries {
            if let reason = reasons[entry.key] {
                comments.append("\(entry.key) (line \(entry.line)): \(reason)")
            } else if !DuoUnixFile.known.contains(entry.key) {
                comments.append("\(entry.key.plain) (line \(entry.line)): not known, neither to duo_unix nor to Duet.")
                remarks.append("unknown key \"\(entry.key.plain)\" in line \(entry.line)")
            }
        }
        if file["pushinfo"] != nil, !file.isOn("pushinfo") {
            comments.append("pushinfo: a push of Duet always says service, host, address and command.")
        }
        for stray in file.strays {
            comments.append("\(stray.key.plain) (line \(stray.line)): in a section other than [duo].")
            remarks.append("\"\(stray.key.plain)\" in line \(stray.line) is in a section other than [duo]")
        }
        for line in file.broken {
            comments.append("line \(line): no key = value.")
            remarks.append("line \(line) is no key = value")
        }
        guard !comments.isEmpty else { return }
        add("", "# Left out:")
        for comment in comments { differs(comment) }
    }

    // MARK: Lines

    private mutating func add(_ lines: String...) {
        for line in lines { text += line + "\n" }
    }

    /// A comment, broken at about 120 characters.
    private mutating func differs(_ sentence: String, remark: Bool = false) {
        if remark { remarks.append(sentence) }
        var line = "# differs:"
        for word in sentence.split(separator: " ") {
            if line.count + word.count >= 120 {
                add(line)
                line = "#  "
            }
            line += " " + word
        }
        add(line)
    }
}

extension StringProtocol {
    /// Fit for a comment or a terminal: nothing in it that steers one or ends a line.
    var plain: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? "?" : $0 }))
    }
}
