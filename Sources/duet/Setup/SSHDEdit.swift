/// The block in sshd_config: at the top, because sshd takes the first value that it meets; sshd_config(5).
struct SSHDEdit {
    static let path = "/etc/ssh/sshd_config"

    let host: Host
    let firstFactor: ServiceEdit.FirstFactor

    var lines: [String] {
        let methods = firstFactor == .key ? "publickey,keyboard-interactive" : "keyboard-interactive"
        return [
            "UsePAM yes", "KbdInteractiveAuthentication yes", "PasswordAuthentication no",
            "AuthenticationMethods \(methods)",
        ]
    }

    /// Nil when the block is there already, or there is no such file.
    var newText: String? {
        guard let old = host.text(Self.path), !MarkedBlock.isIn(old) else { return nil }
        return MarkedBlock.text(lines).joined(separator: "\n") + "\n" + old
    }
}
