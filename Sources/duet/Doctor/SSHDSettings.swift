/// What is in force for sshd, as `sshd -T` says it.
struct SSHDSettings: Sendable {
    /// `9.2` as 9, 2; nil when sshd does not say.
    let version: (major: Int, minor: Int)?
    private let values: [String: [String]]
    /// What sshd says when its configuration does not stand.
    let error: String?

    /// Nil where there is no sshd.
    init?(host: Host) {
        guard let program = host.program("/usr/sbin/sshd", "/usr/local/sbin/sshd") else { return nil }
        let version = Program(path: program, arguments: ["-V"]).run()?.output ?? ""
        self.version = version.firstMatch(of: /OpenSSH_(\d+)\.(\d+)/).flatMap { match in
            guard let major = Int(match.1), let minor = Int(match.2) else { return nil }
            return (major, minor)
        }
        let outcome = Program(path: program, arguments: ["-T", "-f", host.path(SSHDEdit.path)]).run()
        var values: [String: [String]] = [:]
        for line in (outcome?.output ?? "").split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2 else { continue }
            values[words[0].lowercased(), default: []].append(String(words[1]))
        }
        self.values = values
        error = outcome.map { $0.status == 0 ? nil : Self.oneLine($0.output) } ?? "sshd -T did not end"
    }

    private static func oneLine(_ output: String) -> String {
        output.split(whereSeparator: \.isNewline).map(\.trimmed.plain).filter { !$0.isEmpty }.joined(separator: "; ")
    }

    subscript(key: String) -> String? { values[key]?.last }

    func isOn(_ key: String) -> Bool? { self[key].map { $0 == "yes" } }

    /// The lists of AuthenticationMethods; nil for `any`.
    var methods: [[String]]? {
        guard let text = self["authenticationmethods"], text != "any" else { return nil }
        return text.split(separator: " ").map { $0.split(separator: ",").map { String($0.prefix { $0 != ":" }) } }
    }

    /// Seconds; 0: no limit.
    var graceTime: Int? { self["logingracetime"].flatMap { Int($0) } }
}
