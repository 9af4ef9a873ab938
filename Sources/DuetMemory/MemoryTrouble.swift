import CSQLite
import Glibc

/// Why nothing can be remembered for now.
package enum MemoryTrouble: Error, Sendable, Equatable {
    /// The folder cannot be made or looked at.
    case folder(String, errno: Int32)
    /// The folder belongs to somebody else, or others may use it, or it is no folder.
    case folderNotPrivate(String)
    /// The file cannot be made or moved aside.
    case file(String, errno: Int32)
    case corrupt
    /// The schema of another version of Duet.
    case otherVersion(Int64)
    case full
    case readOnly
    /// Another process has the file open.
    case inUse
    /// Input and output, memory: SQLite's own code.
    case failed(code: Int32)

    init(_ error: any Error) {
        switch error {
        case let trouble as MemoryTrouble: self = trouble
        case let error as SQLiteError: self.init(code: error.code)
        default: self = .failed(code: SQLITE_INTERNAL)
        }
    }

    private init(code: Int32) {
        // The low byte is the primary code: https://www.sqlite.org/rescode.html
        switch code & 0xFF {
        // SQLITE_ERROR is what a statement meets whose tables are not there.
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR, SQLITE_CONSTRAINT, SQLITE_MISMATCH: self = .corrupt
        case SQLITE_FULL: self = .full
        case SQLITE_READONLY, SQLITE_PERM: self = .readOnly
        case SQLITE_BUSY, SQLITE_LOCKED: self = .inUse
        default: self = .failed(code: code)
        }
    }

    /// Whether a new file is better than this one.
    var needsNewFile: Bool {
        switch self {
        case .corrupt, .otherVersion: true
        case .folder, .folderNotPrivate, .file, .full, .readOnly, .inUse, .failed: false
        }
    }

    /// Whether a file that can be opened and read may still have it.
    var endsOnlyWithAWrite: Bool {
        switch self {
        case .full, .failed: true
        case .folder, .folderNotPrivate, .file, .corrupt, .otherVersion, .readOnly, .inUse: false
        }
    }
}

extension MemoryTrouble: CustomStringConvertible {
    package var description: String {
        switch self {
        case .folder(let path, let errno):
            "cannot use the folder \(path): \(String(cString: strerror(errno)))"
        case .folderNotPrivate(let path):
            "\(path) must be a folder of the daemon's user that nobody else may use: chmod 0700 \(path)"
        case .file(let path, let errno):
            "cannot make or move \(path): \(String(cString: strerror(errno)))"
        case .corrupt: "the file of remembered decisions is damaged; it is moved aside and a new one made"
        case .otherVersion(let version):
            "the file of remembered decisions has schema \(version) of another version of Duet; it is moved aside"
        case .full: "no room for the file of remembered decisions: free some space"
        case .readOnly: "the file of remembered decisions cannot be written"
        case .inUse: "another process has the file of remembered decisions open: is a second duetd running?"
        case .failed(let code): "the file of remembered decisions fails: \(String(cString: sqlite3_errstr(code)))"
        }
    }
}
