import DuetConfiguration
import FoundationEssentials
import Glibc

/// A copy of the last configuration file that stood, for a daemon that starts with one that does not. It lies in the
/// daemon's own folder, which does not survive a reboot, and says of which boot it is.
struct LastGoodConfiguration: Sendable {
    let folder: String
    let bootID: String?

    private var path: String { "\(folder)/last-good-\(bootID ?? "").toml" }

    /// Whoever cannot keep it loses nothing now.
    func keep(_ configuration: String) {
        guard bootID != nil, let text = FileManager.default.contents(atPath: configuration) else { return }
        mkdir(folder, 0o700)
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return }
        let count = text.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        if count == text.count { rename(temporary, path) } else { unlink(temporary) }
    }

    func load() -> Configuration? {
        guard bootID != nil else { return nil }
        return try? Configuration.load(path: path)
    }
}
