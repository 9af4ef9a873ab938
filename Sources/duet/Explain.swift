import ArgumentParser
import DuetConfiguration
import DuetPolicy
import FoundationEssentials

/// `duet explain`: what would happen to a login, and why. Asks nobody: neither the daemon nor Duo.
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Explain which rule a login would meet, and what would happen then.",
        discussion: """
            Looks the user up on this host and the rules up in the configuration file, which need not be installed yet. \
            Exit code: 0, or 2 when the file does not stand or this host does not know the user.
            """)

    @Option(help: "The user who logs in.", completion: .users)
    var user: String

    @Option(help: "The PAM service, as its file in /etc/pam.d is called.", completion: .services)
    var service: String

    @Option(help: "The client's address; without it the login is from this machine.")
    var rhost: String?

    @Option(help: "The terminal, such as pts/3 or tty1.")
    var tty: String?

    @Flag(help: "sshd has accepted a key.")
    var key = false

    @Flag(inversion: .prefixedNo, help: "The user is on the list of those whom Duet manages; without it nobody knows.")
    var enabled: Bool?

    @Option(
        help: "When: 2026-11-28T03:00:00+01:00, or with Z for UTC. Without it, now.",
        transform: { text in
            guard let date = try? Date(text, strategy: .iso8601) else {
                throw ValidationError("no such time; write 2026-11-28T03:00:00+01:00, or 2026-11-28T02:00:00Z")
            }
            return date
        })
    var at: Date?

    @Option(
        name: [.customLong("configuration"), .customLong("config")], help: "The configuration file.",
        completion: .file())
    var path = Configuration.defaultPath

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let policy: Policy
        do {
            policy = try Configuration.policy(path: path)
        } catch {
            try Terminal.fail(json: json, what: "down", error.report)
            return try ExitStatus.down.exit()
        }
        guard let account = ExplainAccount(name: user) else {
            try Terminal.fail(
                json: json, what: "unknown user", "this host knows no user \(user): refused before any rule is asked")
            return try ExitStatus.down.exit()
        }
        let client = RuleFacts.Client(sshConnection: nil, rhost: rhost)
        let facts = RuleFacts(
            service: ExactName(service), user: ExactName(account.name), groups: account.groups, client: client,
            isOnConsole: client == .none && KernelTerminal.matches(name: tty), tty: tty, usedPublicKey: key,
            isEnabled: enabled, time: Int64((at ?? Date()).timeIntervalSince1970.rounded(.down)))
        let report = ExplainReport(policy: policy, facts: facts, account: account)
        print(json ? try report.json : report.text)
    }
}
