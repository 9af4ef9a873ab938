import FoundationEssentials
import Glibc

/// A file with a content and a mode, removed when `use` returns.
struct TemporaryFile {
    private let path: String

    init(_ text: String, mode: Int) throws {
        path = FileManager.default.temporaryDirectory.path + "/duet-\(UInt64.random(in: 0 ... .max)).toml"
        _ = FileManager.default.createFile(atPath: path, contents: Data(text.utf8))
        guard chmod(path, mode_t(mode)) == 0 else { throw POSIXError(.EACCES) }
    }

    func use<R>(_ body: (String) throws -> R) throws -> R {
        defer { unlink(path) }
        return try body(path)
    }
}
