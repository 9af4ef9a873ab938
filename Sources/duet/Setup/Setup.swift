import ArgumentParser
import DuetCommandLine
import DuetConfiguration
import Glibc

/// `duet setup`: Duet for sshd, sudo and others, step by step, with a way back.
struct Setup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Set Duet up on this host: credentials, configuration, PAM and sshd; or undo that.",
        discussion: """
            Asks; with --yes the options answer. Nothing is written before Duo accepts the credentials, and no service \
            is changed before a test login through its new PAM lines has worked. What is changed is saved in \
            /var/lib/duet/setup-backup, and --undo puts it back byte for byte. Exit code: 0 done, 2 not done.
            """)

    enum SSHFirstFactor: String, ExpressibleByArgument, CaseIterable {
        case key, password
    }

    @Flag(help: "Ask nothing but what the test logins ask: every answer is an option.")
    var yes = false

    @Option(help: "DI and 18 characters, from the application's page in Duo's admin panel.")
    var integrationKey: String?

    @Option(help: "api-XXXXXXXX.duosecurity.com.")
    var apiHost: String?

    @Option(help: "A file that holds the secret key. There is no option for the key itself: others see command lines.")
    var secretKeyFile: String?

    @Option(
        help:
            "A PEM file with the authorities that may speak for Duo; duetd has to read it, so not one in /root or /home."
    )
    var caFile: String?

    @Option(name: .customLong("service"), help: "A PAM service that shall ask Duet; may be repeated.")
    var services: [String] = []

    @Option(help: "What sshd asks for before Duet: key or password.")
    var ssh: SSHFirstFactor?

    @Option(help: "A PAM service that is left alone, a way in that does not need Duet; it is tested.")
    var wayIn: String?

    @Option(help: "Who tests the way in: root, unless somebody else is named.")
    var wayInUser: String?

    @Flag(help: "There shall be no way in that does not need Duet.")
    var noWayIn = false

    @Option(help: "Who makes the test login.")
    var testUser: String?

    @Flag(help: "Make no test login: what is wrong then shows at the next real one.")
    var noTestLogin = false

    @Flag(help: "Show what would be changed, and change nothing.")
    var dryRun = false

    @Option(
        help: "Put back what this run changes after this time, such as 5m, unless duet setup --confirm was run.")
    var rollbackIn: String?

    @Flag(help: "Keep what was set up with --rollback-in.")
    var confirm = false

    @Flag(help: "Put everything back as it was before the first setup.")
    var undo = false

    @Option(help: .hidden)
    var token: String?

    @Option(help: .hidden)
    var after: Int?

    @Option(help: .hidden)
    var module = "pam_duet.so"

    @Option(help: .hidden)
    var root = "/"

    func validate() throws {
        if confirm && undo { throw ValidationError("--confirm and --undo exclude each other") }
        if wayIn != nil && noWayIn { throw ValidationError("--way-in and --no-way-in exclude each other") }
        if let rollbackIn, delay(rollbackIn) == nil {
            throw ValidationError("--rollback-in is a time from 10s to 24h, such as 5m")
        }
    }

    func delay(_ text: String) -> Duration? {
        DurationText.parse(text).flatMap { (.seconds(10) ... .seconds(86_400)).contains($0) ? $0 : nil }
    }

    func run() async throws {
        let host = Host(root: root)
        do {
            if host.isThisOne && geteuid() != 0 && !dryRun { throw SetupRun.Stop(sentence: "must be run as root") }
            if undo { return try SetupUndo(host: host).run(token: token, after: after) }
            if confirm { return try SetupUndo(host: host).confirm() }
            var run = try SetupRun(options: self, host: host)
            try await run.run()
        } catch let stop as SetupRun.Stop {
            Terminal.warn("duet: \(stop.sentence)")
            try ExitStatus.down.exit()
        } catch let failure as SetupBackup.Failure {
            Terminal.warn("duet: \(failure.sentence)")
            try ExitStatus.down.exit()
        }
    }
}
