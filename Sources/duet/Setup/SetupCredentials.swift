import DuetConfiguration
import DuetPolicy
import DuoAPI
import Glibc
import Secrets

/// The three credentials of an application, checked against Duo before anything is written.
struct SetupCredentials {
    let integrationKey: String
    let apiHost: String
    let secretKey: Secret
    /// nil: the system's authorities.
    let caFile: String?
    /// Whether systemd hands the key to the daemon, so that its file stays root's. Otherwise the daemon reads it itself.
    let isCredential: Bool

    static func fault(integrationKey: String) -> String? {
        integrationKey.wholeMatch(of: /DI[A-Z0-9]{18}/) == nil
            ? "the integration key must be DI and 18 capital letters or digits" : nil
    }

    static func fault(apiHost: String) -> String? {
        APIHost(apiHost) == nil ? "the API host must be a host's name alone, such as api-XXXXXXXX.duosecurity.com" : nil
    }

    static func fault(secretKey: Secret) -> String? {
        let isSound = secretKey.withBytes { bytes in
            bytes.count == 40
                && bytes.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                }
        }
        return isSound ? nil : "the secret key must be 40 letters or digits; this has \(secretKey.count) characters"
    }

    /// What is wrong with them; nil when Duo accepts them.
    func fault() async -> String? {
        let fault =
            Self.fault(integrationKey: integrationKey) ?? Self.fault(apiHost: apiHost)
            ?? Self.fault(secretKey: secretKey)
        guard fault == nil, let host = APIHost(apiHost) else { return fault }
        do throws(DuoError) {
            let transport = try Transport(TransportOptions(caFile: caFile))
            defer { transport.shutdown() }
            let duo = AuthAPI(
                host: host, credentials: Credentials(integrationKey: integrationKey, secretKey: secretKey),
                transport: transport, clock: DuoClock { Int64(time(nil)) })
            _ = try await duo.ping(deadline: .seconds(10))
            _ = try await duo.check(deadline: .seconds(10))
            return nil
        } catch {
            return error.report(host: host)
        }
    }

    /// The configuration, without the secret key.
    var toml: String {
        var lines = [
            "# Written by duet setup. Every setting is in duet.toml(5); duet config check, duet config show, duet explain.",
            "[duo]", "integration_key = \(Setting.text(integrationKey).toml)",
            "api_host = \(Setting.text(apiHost).toml)",
            "secret_key_file = \(Setting.text(isCredential ? "credential:secret_key" : Self.secretKeyPath).toml)",
        ]
        if let caFile { lines.append("ca_file = \(Setting.text(caFile).toml)") }
        return lines.joined(separator: "\n") + "\n"
    }

    static let secretKeyPath = "/etc/duet/secret_key"
}
