import FoundationEssentials
import Glibc
import Secrets

/// Does the daemon have the secrets that lie in /etc/duet now? systemd hands them over when it starts, and not again.
struct CredentialCheck: DoctorCheck {
    let name = "credentials"

    /// What systemd laid down for the daemon that runs: systemd.exec(5), LoadCredential=.
    private static let folder = "/run/credentials/duetd.service"

    func run(_ patient: Patient) -> [Finding] {
        guard let text = Host(root: "").text(patient.configurationPath) else {
            return [skipped("\(patient.configurationPath) cannot be read")]
        }
        let names = FileModesCheck.secrets(text).filter { $0.hasPrefix("credential:") }
            .map { String($0.dropFirst("credential:".count)) }
        guard !names.isEmpty else { return [skipped("the configuration names none of systemd's")] }
        let findings = names.compactMap { look($0, patient.host) }
        return findings.isEmpty ? [ok("duetd has the secrets that lie in /etc/duet, as far as can be seen")] : findings
    }

    /// Nil: no difference is to be seen. An encrypted credential has no plain file to compare with.
    private func look(_ name: String, _ host: Host) -> Finding? {
        let source = "/etc/duet/\(name)"
        guard let held = secret("\(Self.folder)/\(name)", host), let lies = secret(source, host),
            !held.withBytes({ held in lies.withBytes { held.elementsEqual($0) } })
        else {
            return nil
        }
        return failure(
            "\(source) has changed since duetd started, which goes on with what was in it then",
            mend: "systemctl restart duetd: a reload does not read it")
    }

    private func secret(_ path: String, _ host: Host) -> Secret? {
        guard let status = host.status(path, followsLinks: true), status.st_mode & S_IFMT == S_IFREG,
            status.st_size < 4096
        else { return nil }
        return FileManager.default.contents(atPath: host.path(path)).map { Secret(bytes: Array($0)) }
    }
}
