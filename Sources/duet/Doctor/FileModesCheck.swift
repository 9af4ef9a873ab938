import DuetConfiguration
import Glibc

/// Can nobody but root change the configuration, and nobody but the daemon read the secrets?
struct FileModesCheck: DoctorCheck {
    let name = "file modes"

    func run(_ patient: Patient) -> [Finding] {
        let host = patient.host
        let path = patient.configurationPath
        guard let text = Host(root: "").text(path) else { return [skipped("\(path) cannot be read")] }
        var findings: [Finding] = []
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        for (path, isFolder) in [(folder, true), (path, false)] {
            guard let status = Host(root: "").status(path, followsLinks: true) else { continue }
            if status.st_mode & 0o022 != 0 || (host.isThisOne && status.st_uid != 0) {
                findings.append(
                    failure(
                        "\(path) can be changed by others than root, who decide then who gets in",
                        mend: "chown root \(path); chmod \(isFolder ? "0755" : "go-w") \(path)"))
            }
        }
        if let status = host.status("/etc/duet/duet.toml", followsLinks: true), !isOpenToDaemon(status, host),
            path == host.path(Configuration.defaultPath)
        {
            findings.append(
                failure(
                    "\(path) cannot be read by the user duet, as whom duetd runs (mode \(SocketCheck.octal(status.st_mode)))",
                    mend: "chmod 0644 \(path); a secret belongs into a file of its own"))
        }
        for name in Self.secrets(text) {
            let credential = CredentialFile(name)
            let secret = credential.map { host.path($0.source) } ?? name
            guard let status = Host(root: "").status(secret, followsLinks: true) else {
                if credential != nil { continue }
                findings.append(failure("\(secret) is not there", mend: "duet setup writes it, or copy the key there"))
                continue
            }
            if status.st_mode & 0o077 != 0 {
                findings.append(
                    failure(
                        "\(secret) can be read by others (mode \(SocketCheck.octal(status.st_mode)))",
                        mend: "chmod 0600 \(secret), and a new secret key from Duo's admin panel"))
            }
        }
        return findings.isEmpty ? [ok("\(path) is root's, the secrets are private")] : findings
    }

    /// By the mode alone; where there is no user duet, duetd runs as somebody else.
    private func isOpenToDaemon(_ status: stat, _ host: Host) -> Bool {
        let entry = (host.text("/etc/passwd") ?? "").split(separator: "\n").first { $0.hasPrefix("duet:") }
        let fields = entry?.split(separator: ":", omittingEmptySubsequences: false) ?? []
        guard fields.count == 7, let uid = UInt32(fields[2]), let gid = UInt32(fields[3]) else { return true }
        if status.st_uid == uid { return status.st_mode & 0o400 != 0 }
        if status.st_gid == gid { return status.st_mode & 0o040 != 0 }
        return status.st_mode & 0o004 != 0
    }

    /// The files that the configuration names for secrets.
    static func secrets(_ text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            line.firstMatch(of: /^\s*(secret_key_file|proxy_file)\s*=\s*["']([^"']+)["']/).map { String($0.2) }
        }
    }
}
