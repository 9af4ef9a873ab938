import Glibc

/// A file that is there as a whole, with its mode, or not at all.
struct NewFile {
    struct Failure: Error {
        let path: String
        let code: Int32

        /// What went wrong, for people.
        var sentence: String { "cannot write \(path): \(String(cString: strerror(code)))" }
    }

    let path: String
    let content: [UInt8]
    var mode: mode_t = 0o644
    /// uid and gid; nil leaves them to the kernel.
    var owner: (uid: uid_t, gid: gid_t)?

    /// Writes beside the path and renames. `replaces`: whether a file of that name may be there.
    func write(replaces: Bool = true) throws(Failure) {
        let draft = "\(path).duet-\(getpid())"
        unlink(draft)
        // 0600 until everything is in it: nobody reads a secret in between.
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(path: path, code: errno) }
        do {
            try fill(descriptor)
        } catch {
            close(descriptor)
            unlink(draft)
            throw error
        }
        close(descriptor)
        let moved = replaces ? rename(draft, path) : link(draft, path)
        let code = errno
        if !replaces || moved != 0 { unlink(draft) }
        guard moved == 0 else { throw Failure(path: path, code: code) }
        Self.sync(folderOf: path)
    }

    private func fill(_ descriptor: Int32) throws(Failure) {
        var rest = content[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Failure(path: path, code: count == 0 ? ENOSPC : errno) }
            rest = rest.dropFirst(count)
        }
        if let owner, fchown(descriptor, owner.uid, owner.gid) != 0 { throw Failure(path: path, code: errno) }
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else { throw Failure(path: path, code: errno) }
    }

    /// A rename lasts over a power cut once its folder is written.
    static func sync(folderOf path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
