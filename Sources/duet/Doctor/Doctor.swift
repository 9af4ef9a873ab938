import ArgumentParser
import DuetConfiguration

/// `duet doctor`: everything that breaks in practice, and how to mend it.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check everything that Duet needs on this host, and say how to mend what is wrong.",
        discussion: """
            Changes nothing, and sends nothing to any user. Run it as root: others may not look everywhere. Exit code: the \
            number of failures, 125 at most; warnings do not count.
            """)

    /// In the order of a login. A check is a type of its own, and has a test that breaks what it looks at.
    static let checks: [any DoctorCheck] = [
        ModuleCheck(), PAMStackCheck(), ModuleOptionsCheck(), PrefetchCheck(), SSHDCheck(), SudoTimestampCheck(),
        SocketCheck(),
        DaemonUserCheck(), ConfigurationCheck(), FileModesCheck(), CredentialCheck(), AuthoritiesCheck(), DuoCheck(),
        StoreCheck(),
        DenialsCheck(), OutageCheck(), PendingSetupCheck(),
    ]

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: "Who stands for everybody who is not root when it is said what happens while Duo is down.")
    var user: String?

    @Option(
        name: [.customLong("configuration"), .customLong("config")],
        help: "The configuration file. Without it, /etc/duet/duet.toml.",
        completion: .file())
    var path: String?

    @Option(help: .hidden)
    var root = "/"

    func run() async throws {
        let patient = Patient(host: Host(root: root), configurationPath: path, user: user)
        var findings: [Finding] = []
        for check in Self.checks { findings += await check.run(patient) }
        let report = DoctorReport(findings)
        print(json ? try report.json : report.text)
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }
}
