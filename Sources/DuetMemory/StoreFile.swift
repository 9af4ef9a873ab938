import Glibc

/// Where the file lies, and that nobody but the daemon's user can have written it.
struct StoreFile {
    let folder: String

    var path: String { folder + "/memory.sqlite" }
    /// The last one that was damaged, to look at.
    var asidePath: String { path + ".aside" }
    private var companions: [String] { [path + "-wal", path + "-shm", path + "-journal"] }

    /// Makes what is missing. A file that others could have written is moved aside like a damaged one.
    func prepare() throws(MemoryTrouble) {
        if mkdir(folder, 0o700) != 0 && errno != EEXIST { throw .folder(folder, errno: errno) }
        var status = stat()
        guard lstat(folder, &status) == 0 else { throw .folder(folder, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
            throw .folderNotPrivate(folder)
        }
        if lstat(path, &status) == 0 {
            let isOurs = status.st_mode & S_IFMT == S_IFREG && status.st_uid == geteuid() && status.st_nlink == 1
            if isOurs && status.st_mode & 0o077 == 0 { return }
            try moveAside()
        } else if errno != ENOENT {
            throw .file(path, errno: errno)
        }
        // A log without its file must never meet another file.
        try removeCompanions()
        // mknod, because closing a descriptor of the file would drop the locks that SQLite may hold in this process.
        // The mode is SQLite's model for the companions.
        guard mknod(path, S_IFREG | 0o600, 0) == 0 else { throw .file(path, errno: errno) }
    }

    /// The file first: while it has its name, it needs its log.
    func moveAside() throws(MemoryTrouble) {
        guard rename(path, asidePath) == 0 || errno == ENOENT else { throw .file(path, errno: errno) }
        try removeCompanions()
    }

    func remove() throws(MemoryTrouble) {
        guard unlink(path) == 0 || errno == ENOENT else { throw .file(path, errno: errno) }
        try removeCompanions()
    }

    private func removeCompanions() throws(MemoryTrouble) {
        for companion in companions {
            guard unlink(companion) == 0 || errno == ENOENT else { throw .file(companion, errno: errno) }
        }
    }
}
