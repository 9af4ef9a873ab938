import DuetConfiguration
import DuoAPI

/// The host that `duet doctor` looks at: what several checks ask about is found out once.
struct Patient: Sendable {
    let host: Host
    let configurationPath: String
    let controlSocket: String
    let loginSocket: String
    /// Who stands for everybody who is not root.
    let user: String?
    let configuration: Result<Configuration, ConfigurationError>
    /// The services that ask pam_duet, or tell it who is coming, by name.
    let named: [PAMStack]
    /// Those that ask it.
    let stacks: [PAMStack]
    let sshd: SSHDSettings?

    init(host: Host, configurationPath: String?, user: String?) {
        self.host = host
        self.configurationPath = configurationPath ?? host.path(Configuration.defaultPath)
        controlSocket = host.path(ControlClient.defaultSocket)
        loginSocket = host.path("/run/duet/login.sock")
        self.user = user ?? Self.firstUser(host)
        do throws(ConfigurationError) {
            configuration = .success(try Configuration.load(path: self.configurationPath))
        } catch {
            configuration = .failure(error)
        }
        let names = Set(host.files("/etc/pam.d") + host.files("/usr/lib/pam.d"))
        named = names.filter { !$0.hasPrefix("common-") }.sorted()
            .map { PAMStack(service: $0, host: host) }.filter { !$0.duet.isEmpty || !$0.prefetches.isEmpty }
        stacks = named.filter { !$0.duet.isEmpty }
        sshd = SSHDSettings(host: host)
    }

    var settings: Configuration? { try? configuration.get() }

    /// The first user that is a person: login.defs(5), UID_MIN.
    private static func firstUser(_ host: Host) -> String? {
        let lines = (host.text("/etc/passwd") ?? "").split(separator: "\n")
        return lines.compactMap { line -> String? in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count == 7, let uid = UInt32(fields[2]), (1000..<60_000).contains(uid) else { return nil }
            return String(fields[0])
        }.first
    }
}
