import Glibc
import Secrets

/// A file that nobody but the caller can read or write.
enum PrivateFile {
    private static let sizeCap = 1 << 20

    /// What it holds. The file that is looked at is the one that is read, whatever happens to its name meanwhile.
    static func read(_ path: String) throws(Refusal) -> Secret {
        // Not to wait for whoever opens the other end, should it be a pipe.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let why = String(cString: strerror(errno))
            throw Refusal(sentence: "cannot read \(path): \(why)")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Refusal(sentence: "\(path) is not a file")
        }
        guard status.st_uid == geteuid() else {
            throw Refusal(sentence: "\(path) is not yours: it must belong to whoever calls duet-admin")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw Refusal(sentence: "\(path) holds a secret key and may be read by others: chmod 0600 \(path)")
        }
        guard status.st_size <= sizeCap else { throw Refusal(sentence: "\(path) is larger than 1 MiB") }
        return try content(of: descriptor, path)
    }

    /// A credential that systemd has laid down for the unit that this program runs in.
    static func readCredential(_ name: String) throws(Refusal) -> Secret {
        guard let folder = getenv("CREDENTIALS_DIRECTORY").map({ String(cString: $0) }) else {
            throw Refusal(
                sentence: "there is no credential \"\(name)\": CREDENTIALS_DIRECTORY is set in a unit with "
                    + "LoadCredential=\(name):/path alone")
        }
        let path = "\(folder)/\(name)"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw Refusal(sentence: "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        return try content(of: descriptor, path)
    }

    private static func content(of descriptor: Int32, _ path: String) throws(Refusal) -> Secret {
        var bytes = [UInt8](repeating: 0, count: sizeCap)
        defer { bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } } }
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw Refusal(sentence: "cannot read \(path): \(String(cString: strerror(errno)))")
            }
            guard count > 0 else { break }
            filled += count
        }
        return Secret(bytes: bytes[..<filled])
    }
}
