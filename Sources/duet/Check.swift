import ArgumentParser
import DuetCommandLine
import DuetConfiguration
import DuoAPI
import FoundationEssentials
import Glibc

/// `duet check`: is the configuration right, and does Duo answer to it? Works without the daemon.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the configuration and the credentials against Duo, without the daemon.",
        discussion: """
            Asks Duo for the time (ping), then with this host's keys (check); sends nothing to any user. Exit code: \
            0 all good, 1 something needs looking at (the clock, the certificate), 2 logins would not work.
            """)

    @Flag(help: "Print JSON.")
    var json = false

    @Option(
        name: [.customLong("configuration"), .customLong("config")], help: "The configuration file.",
        completion: .file())
    var path = Configuration.defaultPath

    func run() async throws {
        var report = CheckReport()
        await fill(&report)
        print(json ? try report.json : report.text)
        try report.status.exit()
    }

    private func fill(_ report: inout CheckReport) async {
        let settings: Configuration
        do {
            settings = try Configuration.load(path: path)
        } catch {
            return report.add(.fail, "configuration", error.report)
        }
        report.add(.ok, "configuration", path)
        guard let host = APIHost(settings.duo.apiHost) else {
            return report.add(.fail, "configuration", "api_host is not a host name")
        }
        let credentials = Credentials(
            integrationKey: settings.duo.integrationKey, secretKey: settings.duo.secretKey)
        do {
            let transport = try Transport(TransportOptions(settings.duo))
            defer { transport.shutdown() }
            let clock = DuoClock { Int64(time(nil)) }
            try await ask(AuthAPI(host: host, credentials: credentials, transport: transport, clock: clock), &report)
        } catch {
            report.add(.fail, Self.name(of: error), error.report(host: host))
        }
    }

    private func ask(_ duo: AuthAPI, _ report: inout CheckReport) async throws(DuoError) {
        let deadline = Duration.seconds(10)
        let cold = try await duo.ping(deadline: deadline).facts
        report.add(.ok, "reach Duo", CheckText.reached(duo.host, cold))
        if let tls = cold.tls {
            let days = tls.certificateExpiry.map { ($0 - Int64(time(nil))) / 86_400 }
            report.add((days ?? 0) < 14 ? .warn : .ok, "TLS", CheckText.tls(tls, days: days))
        }
        let offset = duo.clock.offset
        report.add(abs(offset) >= 30 ? .warn : .ok, "clock", CheckText.clock(offset))
        report.clockOffset = offset
        _ = try await duo.check(deadline: deadline)
        report.add(.ok, "credentials", "Duo accepts the integration key and the secret key")
        var times: [Duration] = []
        for _ in 0..<5 { times.append(try await duo.ping(deadline: deadline).facts.total) }
        times.sort()
        report.roundTrip = CheckText.milliseconds(times[2])
        report.add(
            .ok, "round trip",
            "\(CheckText.milliseconds(times[2])) ms on a warm connection (median of 5, "
                + "\(CheckText.milliseconds(times[0])) to \(CheckText.milliseconds(times[4])) ms)")
    }

    private static func name(of error: DuoError) -> String {
        switch error {
        case .unreachable, .local, .shutDown, .cancelled: "reach Duo"
        case .certificate: "TLS"
        case .unauthorized, .forbidden: "credentials"
        case .rateLimited, .rejected, .malformed, .tooLarge, .invalidParameter: "Duo's answer"
        }
    }
}
