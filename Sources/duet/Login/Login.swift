import ArgumentParser
import DuetWire
import FoundationEssentials
import Glibc

/// `duet login`: a login through the daemon without PAM, to see what would happen.
struct Login: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try a login: the rules, the questions, Duo and the verdict, without PAM.",
        discussion: """
            For root, because it sends pushes; they count for the user like any other. Nothing that is remembered is used, \
            nothing is remembered, and nobody is logged in. Answer its questions as the person would. Exit code: 0 let in \
            (or left to the other PAM modules), 1 refused, 2 there is no verdict: the daemon does not answer, or you left.
            """)

    @Argument(help: "Who logs in: PAM's user.", completion: .users)
    var user: String

    @Option(help: "The PAM service, as its file in /etc/pam.d is called.", completion: .services)
    var service: String

    @Option(help: "The client's address; without it the login is from this machine.")
    var rhost: String?

    @Option(help: "The terminal, such as pts/3 or tty1.")
    var tty: String?

    @Option(help: "Who runs sudo or su; without it root does.")
    var caller: String?

    @Option(help: "What sudo was asked to do: shown with a push.")
    var command: String?

    @Flag(help: "sshd has accepted a key.")
    var key = false

    @Option(help: "The daemon's login socket.", completion: .file())
    var loginSocket = "/run/duet/login.sock"

    @OptionGroup var options: ControlOptions

    func run() throws {
        guard let callerID = caller.map({ getpwnam($0)?.pointee.pw_uid }) ?? 0 else {
            try Terminal.fail(
                json: options.json, what: "unknown user", "this host knows no user \((caller ?? "").plain)")
            return try ExitStatus.down.exit()
        }
        let trial = Trial(
            begin: TrialBegin(user: user, service: service, rhost: rhost, tty: tty, command: command, key: key)
                .begin(caller: callerID),
            path: loginSocket, isQuiet: options.json)
        let verdict: Verdict
        do throws(Trial.Failure) {
            verdict = try trial.run()
        } catch {
            try Terminal.fail(json: options.json, what: "down", error.sentence(path: loginSocket))
            return try ExitStatus.down.exit()
        }
        let report = TrialReport(verdict, record: record(of: verdict))
        print(options.json ? try report.json : report.text)
        switch verdict.result {
        case .allow, .ignore: break
        case .retry, .deny, .unknown: try ExitStatus.degraded.exit()
        }
    }

    /// What the daemon has written down of it; nil where it does not say.
    private func record(of verdict: Verdict) -> HistoryReport.Entry? {
        guard let filter = try? JSONEncoder().encode(HistoryFilter(login: verdict.login)) else { return nil }
        let request = ControlRequest(verb: "history", arguments: String(decoding: filter, as: UTF8.self))
        guard let document = try? ControlClient(path: options.controlSocket).ask(request) else { return nil }
        return try? JSONDecoder().decode(HistoryReport.self, from: Data(document)).logins.first
    }
}
