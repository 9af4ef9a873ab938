import FoundationEssentials
import Glibc

/// Is what the daemon remembers its own alone, and undamaged?
struct StoreCheck: DoctorCheck {
    let name = "memory"

    private static let folder = "/run/duetd"

    func run(_ patient: Patient) -> [Finding] {
        let host = patient.host
        guard let folder = host.status(Self.folder) else {
            return [skipped("\(Self.folder) is not there: nothing is remembered")]
        }
        guard folder.st_mode & S_IFMT == S_IFDIR, folder.st_mode & 0o077 == 0 else {
            return [
                failure(
                    "\(Self.folder) is not private: the daemon remembers nothing",
                    mend: "chmod 0700 \(Self.folder); systemctl restart duetd")
            ]
        }
        let file = Self.folder + "/memory.sqlite"
        if host.status(file + ".aside") != nil {
            return [
                warning(
                    "a damaged file was moved aside: \(file).aside. What was remembered is forgotten",
                    mend: "look at the journal and the disk, then remove it")
            ]
        }
        guard let status = host.status(file) else { return [ok("\(Self.folder) is private, and holds nothing yet")] }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 == 0, status.st_uid == folder.st_uid else {
            return [
                failure(
                    "\(file) is not the daemon's alone", mend: "rm \(file); systemctl restart duetd: Duo is asked again"
                )
            ]
        }
        // The first bytes of every database: https://www.sqlite.org/fileformat.html.
        if status.st_size > 0, let data = FileManager.default.contents(atPath: host.path(file)),
            !data.starts(with: Array("SQLite format 3\0".utf8))
        {
            return [failure("\(file) is no database", mend: "rm \(file); systemctl restart duetd: Duo is asked again")]
        }
        return [ok("\(file) is private and sound")]
    }
}
