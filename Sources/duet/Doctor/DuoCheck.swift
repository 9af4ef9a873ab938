import DuetConfiguration
import DuoAPI
import Glibc

/// Name, TCP, TLS, the clock and the keys: does Duo answer this host?
struct DuoCheck: DoctorCheck {
    let name = "Duo"

    private static let deadline = Duration.seconds(10)
    private static let clockLimit: Int64 = 30

    func run(_ patient: Patient) async -> [Finding] {
        guard let configuration = patient.settings else { return [skipped("the configuration does not stand")] }
        var findings: [Finding] = []
        for (name, settings) in configuration.applications.sorted(by: { $0.key < $1.key }) {
            findings += await ask(settings, configuration.applications.count > 1 ? "[\(name)] " : "")
        }
        return findings
    }

    private func ask(_ settings: DuoSettings, _ label: String) async -> [Finding] {
        guard let host = APIHost(settings.apiHost) else {
            return [
                failure("\(label)api_host is no host name", mend: "copy it from the application in the Duo Admin Panel")
            ]
        }
        var findings: [Finding] = []
        do {
            let transport = try Transport(TransportOptions(settings))
            defer { transport.shutdown() }
            let clock = DuoClock { Int64(time(nil)) }
            let duo = AuthAPI(
                host: host,
                credentials: Credentials(integrationKey: settings.integrationKey, secretKey: settings.secretKey),
                transport: transport, clock: clock)
            let facts = try await duo.ping(deadline: Self.deadline).facts
            findings.append(ok(label + CheckText.reached(host, facts)))
            if let expiry = facts.tls?.certificateExpiry, (expiry - Int64(time(nil))) / 86_400 < 14 {
                findings.append(
                    warning(
                        "\(label)the certificate shown for \(host) ends within 14 days",
                        mend: "Duo renews its own in time: check that nothing on the way intercepts TLS"))
            }
            if abs(clock.offset) >= Self.clockLimit {
                findings.append(
                    warning(
                        "\(label)this host's clock is \(abs(clock.offset)) s \(clock.offset > 0 ? "behind" : "ahead of") Duo's",
                        mend: "timedatectl set-ntp true: Duet corrects for it, rules with time do not"))
            }
            _ = try await duo.check(deadline: Self.deadline)
            findings.append(
                ok(
                    "\(label)accepts the integration key and the secret key; the clocks differ by \(abs(clock.offset)) s"
                ))
        } catch {
            let sentence = error.explanation(host: host)
            // The sentence says what, and after the first colon what to do.
            let parts = sentence.split(separator: ": ", maxSplits: 1)
            findings.append(
                failure(
                    "\(label)\(error.code) \(parts[0])",
                    mend: parts.count == 2 ? String(parts[1]) : "duet check says more"))
        }
        return findings
    }
}
