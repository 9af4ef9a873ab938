import FoundationEssentials
import Glibc
import Secrets

/// Reads the secret key and other secrets in files of their own, and refuses those that others on this host can read.
struct SecretFileReader {
    /// The configuration file itself, which may carry the key inline.
    let documentPath: String

    func read(_ path: String, at position: SourcePosition, reader: ConfigurationReader) -> Secret? {
        let content = content(
            of: path, key: "secret_key_file", holding: "the secret key", at: position, reader: reader)
        return content.flatMap { checked($0, at: position, reader: reader, path: path) }
    }

    /// What the file holds, without spaces and line ends around it.
    func content(
        of place: String, key: String, holding what: String, at position: SourcePosition, reader: ConfigurationReader
    ) -> Secret? {
        let credential = CredentialFile(place)
        guard let path = credential?.path ?? (place.hasPrefix("/") ? place : nil) else {
            reader.report(
                "\"\(key)\" must be an absolute path", at: position,
                hint: "or a credential of systemd's: credential:NAME")
            return nil
        }
        errno = 0
        guard let data = FileManager.default.contents(atPath: path) else {
            let code = errno
            reader.report(
                "cannot read \(path): \(String(cString: strerror(code)))", at: position,
                hint: Self.hint(credential, errno: code))
            return nil
        }
        guard credential != nil || isPrivate(path, holding: what, at: position, reader: reader) else { return nil }
        let trimmed = data.drop { Self.isSpace($0) }.reversed().drop { Self.isSpace($0) }.reversed()
        let secret = Secret(bytes: Array(trimmed))
        if let credential, secret.withBytes({ $0.elementsEqual(CredentialFile.missing.utf8) }) {
            reader.report(
                "systemd had no credential \"\(credential.name)\" to pass", at: position,
                hint: "write the file that LoadCredential= of duetd.service names, then: systemctl restart duetd")
            return nil
        }
        return secret
    }

    private static func hint(_ credential: CredentialFile?, errno code: Int32) -> String {
        if credential != nil { return "systemd lays it there while duetd runs: LoadCredential= in duetd.service" }
        guard code == EACCES else { return "the daemon's user must be able to read it" }
        return "the daemon's user must be able to read it, or systemd: \"credential:secret_key\""
    }

    /// A secret key is 40 letters or digits; its value never stands in the message.
    func checked(_ secret: Secret, at position: SourcePosition, reader: ConfigurationReader, path: String? = nil)
        -> Secret?
    {
        let sound = secret.withBytes { bytes in
            bytes.count == 40 && bytes.allSatisfy { Character(Unicode.Scalar($0)).isASCIIAlphanumeric }
        }
        guard sound else {
            let what = path.map { "the key in \($0)" } ?? "\"secret_key\""
            reader.report(
                "\(what) must be 40 letters or digits; this has \(secret.count) characters", at: position,
                hint: "copy it from the application's page in Duo's admin panel")
            return nil
        }
        return secret
    }

    func documentIsPrivate(
        holding what: String = "the secret key", reader: ConfigurationReader, at position: SourcePosition
    ) -> Bool {
        isPrivate(documentPath, holding: what, at: position, reader: reader)
    }

    private func isPrivate(
        _ path: String, holding what: String, at position: SourcePosition, reader: ConfigurationReader
    ) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else {
            reader.report("cannot look at \(path): \(String(cString: strerror(errno)))", at: position)
            return false
        }
        // systemd's credentials carry an access list for the service's user, which shows as group bits.
        if path.hasPrefix(CredentialFile.folder + "/") { return true }
        guard status.st_mode & 0o077 == 0 else {
            reader.report(
                "\(path) holds \(what) and may be read by others", at: position, hint: "chmod 0600 \(path)")
            return false
        }
        return true
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

extension Character {
    fileprivate var isASCIIAlphanumeric: Bool { isASCII && (isLetter || isNumber) }
}
