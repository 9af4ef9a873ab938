import Glibc

/// `credential:NAME`: a file that systemd lays down for the daemon alone (`LoadCredential=`, systemd.exec(5)).
package struct CredentialFile {
    /// What duetd.service passes where there is nothing to load.
    static let missing = "missing"
    private static let prefix = "credential:"

    package let name: String

    /// nil for anything else.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        name = String(text.dropFirst(Self.prefix.count))
        guard NameForm.credential.holds(for: name) else { return nil }
    }

    /// Where systemd lays them down: the daemon's own; for `duet`, that of the daemon which runs.
    static var folder: String {
        getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) } ?? folderOfDaemon
    }

    private static let folderOfDaemon = "/run/credentials/duetd.service"

    /// What systemd laid down for the daemon that runs.
    package var held: String { Self.folderOfDaemon + "/" + name }

    /// Where duetd.service has it from, unless it is encrypted.
    package var source: String { "/etc/duet/" + name }

    /// In `folder`; for `duet` where no daemon runs, `source`.
    var path: String {
        let laid = Self.folder + "/" + name
        guard getenv("CREDENTIALS_DIRECTORY") == nil, access(laid, F_OK) != 0, access(source, F_OK) == 0 else {
            return laid
        }
        return source
    }
}
