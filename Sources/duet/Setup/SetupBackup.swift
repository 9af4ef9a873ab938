import FoundationEssentials
import Glibc

/// What `duet setup` changed, as it was before, so that it can be put back byte for byte.
///
/// 1. A run that fails, or is not confirmed, MUST be undone alone: what earlier runs set up stays in force.
/// 2. What is no plain file MUST NOT be saved, and so not changed: a link's mode is not its file's.
/// 3. Two runs MUST NOT save at once: one would save what the other has written.
/// Held by Tests/DuetCommandTests/SetupEditTests.swift.
struct SetupBackup {
    static let folder = "/var/lib/duet/setup-backup"
    static let pendingName = "pending"

    struct Entry: Codable {
        let path: String
        /// Nil: there was no such file.
        let copy: String?
        let mode: UInt32
        let uid: UInt32
        let gid: UInt32
    }

    struct Failure: Error {
        let sentence: String
    }

    let host: Host
    private(set) var entries: [Entry]
    /// How many entries are of earlier runs.
    let base: Int

    /// What earlier runs saved is kept, below what this one saves.
    init(host: Host) throws(Failure) {
        self.host = host
        let entries = try Self.read(host)
        self.entries = entries
        base = entries.count
    }

    private static func read(_ host: Host) throws(Failure) -> [Entry] {
        guard host.status(Self.folder + "/manifest.json") != nil else { return [] }
        let data = FileManager.default.contents(atPath: host.path(Self.folder + "/manifest.json"))
        guard let data, let entries = try? JSONDecoder().decode([Entry].self, from: data) else {
            throw Failure(sentence: "\(Self.folder)/manifest.json cannot be read")
        }
        return entries
    }

    var isEmpty: Bool { entries.isEmpty }
    /// This run has saved nothing.
    var isWithoutChanges: Bool { entries.count == base }

    // MARK: Save

    /// To be called before the file is changed.
    mutating func save(_ path: String) throws(Failure) {
        guard !entries.dropFirst(base).contains(where: { $0.path == path }) else { return }
        try makeFolders()
        guard let status = host.status(path) else {
            entries.append(Entry(path: path, copy: nil, mode: 0, uid: 0, gid: 0))
            return try write()
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(sentence: "\(path) is not a plain file: edit it by hand")
        }
        guard let content = FileManager.default.contents(atPath: host.path(path)) else {
            throw Failure(sentence: "cannot read \(path) to save it")
        }
        let copy = "\(entries.count)-\(path.split(separator: "/").last ?? "file")"
        // Private, whatever it was: a secret may be in it.
        try put(Self.folder + "/" + copy, Array(content), mode: 0o600)
        entries.append(
            Entry(path: path, copy: copy, mode: status.st_mode & 0o7777, uid: status.st_uid, gid: status.st_gid))
        try write()
    }

    private func makeFolders() throws(Failure) {
        for (folder, mode) in [("/var/lib", mode_t(0o755)), ("/var/lib/duet", 0o755), (Self.folder, 0o700)] {
            guard mkdir(host.path(folder), mode) != 0, errno != EEXIST else { continue }
            throw Failure(sentence: "cannot make \(folder): \(String(cString: strerror(errno)))")
        }
    }

    private func write() throws(Failure) {
        guard let data = try? JSONEncoder().encode(entries) else {
            throw Failure(sentence: "cannot write the manifest")
        }
        try put(Self.folder + "/manifest.json", Array(data), mode: 0o600)
    }

    private func put(
        _ path: String, _ content: [UInt8], mode: mode_t, owner: (uid_t, gid_t)? = nil
    ) throws(Failure) {
        do throws(NewFile.Failure) {
            try NewFile(path: host.path(path), content: content, mode: mode, owner: owner).write()
        } catch {
            throw Failure(sentence: error.sentence)
        }
    }

    // MARK: Put back

    /// Puts back what was saved behind the first `kept`, the last change first, and forgets it. What cannot be put back is
    /// tried again by the next call; until then the run waits.
    mutating func undo(keeping kept: Int = 0) throws(Failure) {
        while entries.count > kept, let entry = entries.last {
            if let copy = entry.copy {
                guard let content = FileManager.default.contents(atPath: host.path(Self.folder + "/" + copy)) else {
                    throw Failure(sentence: "the copy of \(entry.path) is gone: \(Self.folder)/\(copy)")
                }
                let owner = geteuid() == 0 ? (entry.uid, entry.gid) : nil
                try put(entry.path, Array(content), mode: entry.mode, owner: owner)
            } else if unlink(host.path(entry.path)) != 0, errno != ENOENT {
                throw Failure(sentence: "cannot remove \(entry.path): \(String(cString: strerror(errno)))")
            }
            entries.removeLast()
            try write()
            if let copy = entry.copy { unlink(host.path(Self.folder + "/" + copy)) }
        }
        if entries.isEmpty { unlink(host.path(Self.folder + "/manifest.json")) }
        disarm()
    }

    // MARK: One at a time

    /// What to unlock; without that, until this process ends. Of a file that nobody else can open: who can, can lock.
    @discardableResult
    static func lock(_ host: Host, waits: Bool = false) throws(Failure) -> Int32 {
        let file = host.isThisOne ? "/run/duet-setup.lock" : "/duet-setup.lock"
        let path = host.path(file)
        let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(sentence: "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, waits ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 else {
            ftruncate(descriptor, 0)
            _ = "\(getpid())\n".withCString { Glibc.write(descriptor, $0, strlen($0)) }
            return descriptor
        }
        close(descriptor)
        let process = host.text(file)?.trimmed ?? ""
        throw Failure(sentence: "another duet setup is running (process \(process.plain)): end it, or wait for its end")
    }

    static func unlock(_ lock: Int32) {
        // To close it is not enough: a program that is just being started has it too.
        flock(lock, LOCK_UN)
        close(lock)
    }

    // MARK: Waiting to be confirmed

    /// The name of the run that waits; nil: none does.
    var pending: String? { host.text(Self.folder + "/" + Self.pendingName)?.trimmed }

    func arm(_ token: String) throws(Failure) {
        try makeFolders()
        try put(Self.folder + "/" + Self.pendingName, Array((token + "\n").utf8), mode: 0o600)
    }

    func disarm() { unlink(host.path(Self.folder + "/" + Self.pendingName)) }
}
