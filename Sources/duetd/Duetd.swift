import ArgumentParser
import DuetDaemon
import Glibc
import Logging

/// The daemon: decides logins for pam_duet.so and answers duet.
@main
struct Duetd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "duetd",
        abstract: "Decide logins for pam_duet.so with Duo two-factor authentication.",
        discussion: """
            Takes its sockets from systemd (FileDescriptorName=login and control) or binds them itself. SIGTERM and \
            SIGINT end it: logins in flight are told, and the exit code is 0.
            """,
        version: DaemonOptions.version)

    @Option(name: .customLong("configuration"), help: "The configuration file.")
    var configurationPath = DaemonOptions.defaultConfigurationPath

    @Option(help: "Where to listen for logins when systemd passes no socket.")
    var loginSocket = DaemonOptions.defaultLoginSocket

    @Option(help: "Where to listen for duet when systemd passes no socket.")
    var controlSocket = DaemonOptions.defaultControlSocket

    @Option(name: .customLong("state"), help: "The daemon's own folder, for what it remembers.")
    var stateFolder = DaemonOptions.defaultStateFolder

    @Flag(help: "Log more. Secrets are never logged.")
    var debug = false

    func run() async throws {
        // The keys are in memory: a crash must not leave them on a disk, whoever has started the daemon.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        var options = DaemonOptions(
            configurationPath: configurationPath, loginSocket: loginSocket, controlSocket: controlSocket,
            stateFolder: stateFolder)
        let forJournal = SystemLog.standardErrorIsJournal(options.environment["JOURNAL_STREAM"])
        options.systemLog = SystemLog(isStandardError: forJournal)
        var handler = JournalLogHandler(forJournal: forJournal)
        handler.logLevel = debug ? .debug : .info
        let logger = Logger(label: "duetd") { [handler] _ in handler }
        try await Daemon(options, logger: logger).run()
    }
}
