import DuetConfiguration
import FoundationEssentials
import Glibc
import Secrets

/// Does the daemon have the secrets that lie in /etc/duet now? systemd hands them over when it starts, and not again.
struct CredentialCheck: DoctorCheck {
    let name = "credentials"

    func run(_ patient: Patient) -> [Finding] {
        guard let text = Host(root: "").text(patient.configurationPath) else {
            return [skipped("\(patient.configurationPath) cannot be read")]
        }
        let credentials = FileModesCheck.secrets(text).compactMap { CredentialFile($0) }
        guard !credentials.isEmpty else { return [skipped("the configuration names none of systemd's")] }
        let findings = credentials.compactMap { look($0, patient.host) }
        return findings.isEmpty ? [ok("duetd has the secrets that lie in /etc/duet, as far as can be seen")] : findings
    }

    /// Nil: no difference is to be seen. An encrypted credential has no plain file to compare with.
    private func look(_ credential: CredentialFile, _ host: Host) -> Finding? {
        guard let held = secret(credential.held, host), let source = secret(credential.source, host),
            !held.withBytes({ held in source.withBytes { held.elementsEqual($0) } })
        else {
            return nil
        }
        return failure(
            "\(credential.source) has changed since duetd started, which goes on with what was in it then",
            mend: "systemctl restart duetd: a reload does not read it")
    }

    private func secret(_ path: String, _ host: Host) -> Secret? {
        guard let status = host.status(path, followsLinks: true), status.st_mode & S_IFMT == S_IFREG,
            status.st_size < 4096
        else { return nil }
        return FileManager.default.contents(atPath: host.path(path)).map { Secret(bytes: Array($0)) }
    }
}
