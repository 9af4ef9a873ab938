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
        of path: String, key: String, holding what: String, at position: SourcePosition, reader: ConfigurationReader
    ) -> Secret? {
        guard path.hasPrefix("/") else {
            reader.report("\"\(key)\" must be an absolute path", at: position)
            return nil
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            let why = String(cString: strerror(errno))
            reader.report(
                "cannot read \(path): \(why)", at: position, hint: "the daemon's user must be able to read it")
            return nil
        }
        guard isPrivate(path, holding: what, at: position, reader: reader) else { return nil }
        let trimmed = data.drop { Self.isSpace($0) }.reversed().drop { Self.isSpace($0) }.reversed()
        return Secret(bytes: Array(trimmed))
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
        let credentials = getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) + "/" }
        if let credentials, path.hasPrefix(credentials) { return true }
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
