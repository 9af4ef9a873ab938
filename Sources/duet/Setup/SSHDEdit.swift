import DuetConfiguration
import Glibc

/// The block in sshd_config: at the top, because sshd takes the first value that it meets; sshd_config(5).
struct SSHDEdit {
    enum Refusal: Error, Equatable {
        /// Not there, not a file, too long or not UTF-8.
        case unreadable
        case link
        /// An earlier setup's, for another first factor.
        case otherBlock
    }

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

    /// Nil when the block is there already. Without it, or with another, PAM would be asked for Duet behind whatever sshd takes.
    func newText() throws(Refusal) -> String? {
        // A link's own mode says nothing of the file's.
        guard let status = host.status(Self.path), status.st_mode & S_IFMT != S_IFLNK else {
            throw host.status(Self.path) == nil ? .unreadable : .link
        }
        guard let old = host.text(Self.path), host.isUTF8(Self.path) else { throw .unreadable }
        let block = MarkedBlock.text(lines)
        guard MarkedBlock.isIn(old) else { return block.joined(separator: "\n") + "\n" + old }
        // In force only at the top: behind a Match or another value it would not be.
        guard old.fileLines.starts(with: block) else { throw .otherBlock }
        return nil
    }
}
