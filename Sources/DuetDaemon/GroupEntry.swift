import DuetPolicy
import Glibc

/// What the C library fills in for one group.
struct GroupEntry: ~Copyable {
    /// A group with thousands of members fits.
    private static let capacity = 1 << 20
    /// NGROUPS_MAX of Linux.
    private static let mostGroups: Int32 = 65_536
    private var entry = group()
    private let texts = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)
    private var found: UnsafeMutablePointer<group>?

    private init() {}

    deinit { texts.deallocate() }

    private var name: String? {
        guard found != nil, let name = entry.gr_name else { return nil }
        return String(cString: name)
    }

    /// From the local file alone.
    static func local(of account: Account, in path: String) -> Set<ExactName> {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var names: Set<ExactName> = []
        var buffer = GroupEntry()
        while fgetgrent_r(file, &buffer.entry, buffer.texts, capacity, &buffer.found) == 0 {
            guard let name = buffer.name else { continue }
            if buffer.entry.gr_gid == account.gid || buffer.hasMember(account.name) { names.insert(ExactName(name)) }
        }
        return names
    }

    private func hasMember(_ name: String) -> Bool {
        guard var member = entry.gr_mem else { return false }
        while let text = member.pointee {
            if strcmp(text, name) == 0 { return true }
            member += 1
        }
        return false
    }

    /// All that the name services know. A group without a name has none that a rule could mean.
    static func all(of account: Account) throws -> Set<ExactName> {
        var count: Int32 = 64
        var numbers = [gid_t](repeating: 0, count: Int(count))
        while getgrouplist(account.name, account.gid, &numbers, &count) < 0 {
            guard count > Int32(numbers.count), count <= mostGroups else { throw UserDirectory.Failure.failed(ERANGE) }
            numbers = [gid_t](repeating: 0, count: Int(count))
        }
        var names: Set<ExactName> = []
        var buffer = GroupEntry()
        for number in numbers.prefix(Int(count)) {
            let status = getgrgid_r(number, &buffer.entry, buffer.texts, capacity, &buffer.found)
            if try UserDirectory.isFound(status), let name = buffer.name { names.insert(ExactName(name)) }
        }
        return names
    }
}
