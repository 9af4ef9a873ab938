import FoundationEssentials
import Glibc

/// The file system of a host: this one's, or what a test laid into a folder.
struct Host: Sendable {
    private static let sizeCap = 4 << 20

    /// Empty for this host itself.
    let root: String

    init(root: String) { self.root = root == "/" ? "" : root }

    var isThisOne: Bool { root.isEmpty }

    /// This host itself, and systemd runs it: sd_booted(3).
    var isSystemd: Bool { isThisOne && status("/run/systemd/system") != nil }

    func path(_ path: String) -> String { root + path }

    /// Nil for what is no readable file; a file is read up to 4 MiB.
    func text(_ path: String) -> String? {
        guard let status = status(path, followsLinks: true), status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= Self.sizeCap, let data = FileManager.default.contents(atPath: self.path(path))
        else { return nil }
        return String(decoding: data, as: UTF8.self)
    }

    /// Whether `text` gives the file byte for byte.
    func isUTF8(_ path: String) -> Bool {
        text(path).map { FileManager.default.contents(atPath: self.path(path)) == Data($0.utf8) } ?? false
    }

    /// The end of a file that may be long.
    func tail(_ path: String, bytes: Int) -> String? {
        let descriptor = open(self.path(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        guard size >= 0, lseek(descriptor, max(0, size - bytes), SEEK_SET) >= 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: bytes)
        let count = read(descriptor, &buffer, bytes)
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }

    /// The files in a folder, in order; without backups and packages' leftovers.
    func files(_ folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path(folder))) ?? []
        return names.filter {
            !$0.contains("~") && !$0.contains(".dpkg-") && !$0.contains(".rpm") && !$0.hasPrefix(".")
        }
        .sorted()
    }

    func status(_ path: String, followsLinks: Bool = false) -> stat? {
        var status = stat()
        let code = followsLinks ? stat(self.path(path), &status) : lstat(self.path(path), &status)
        return code == 0 ? status : nil
    }

    /// The first of these that can be run.
    func program(_ paths: String...) -> String? {
        paths.map(path).first { access($0, X_OK) == 0 }
    }
}
