import Glibc

/// What the C library fills in for one user.
struct PasswdEntry: ~Copyable {
    private static let capacity = 16_384
    private var entry = passwd()
    /// Where the texts of `entry` lie; an entry that does not fit is an error (ERANGE), which is no user.
    private let texts = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)
    private var found: UnsafeMutablePointer<passwd>?

    private init() {}

    deinit { texts.deallocate() }

    private var account: Account? {
        guard found != nil, let name = entry.pw_name else { return nil }
        return Account(
            name: String(cString: name), uid: entry.pw_uid, gid: entry.pw_gid,
            gecos: entry.pw_gecos.map { String(cString: $0) } ?? "")
    }

    /// The first entry of an open file like /etc/passwd that fits.
    static func first(in file: UnsafeMutablePointer<FILE>, where fits: (Account) -> Bool) -> Account? {
        var buffer = PasswdEntry()
        while fgetpwent_r(file, &buffer.entry, buffer.texts, capacity, &buffer.found) == 0 {
            if let account = buffer.account, fits(account) { return account }
        }
        return nil
    }

    static func named(_ name: String) throws -> Account? {
        var buffer = PasswdEntry()
        let status = getpwnam_r(name, &buffer.entry, buffer.texts, capacity, &buffer.found)
        return try buffer.account(status)
    }

    static func ofUID(_ uid: uid_t) throws -> Account? {
        var buffer = PasswdEntry()
        let status = getpwuid_r(uid, &buffer.entry, buffer.texts, capacity, &buffer.found)
        return try buffer.account(status)
    }

    private func account(_ status: Int32) throws -> Account? {
        try UserDirectory.isFound(status) ? account : nil
    }
}
