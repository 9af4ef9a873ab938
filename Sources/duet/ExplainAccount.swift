import DuetPolicy
import Glibc

/// A user of this host, with what rules ask about: getpwnam(3), getgrouplist(3), getgrgid(3).
struct ExplainAccount {
    private static let capacity = 65_536
    private static let groupCap = 65_536

    let name: String
    let uid: UInt32
    let gecos: String
    let groups: RuleFacts.Groups

    init?(name: String) {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        let texts = UnsafeMutablePointer<CChar>.allocate(capacity: Self.capacity)
        defer { texts.deallocate() }
        guard getpwnam_r(name, &entry, texts, Self.capacity, &found) == 0, found != nil else { return nil }
        self.name = String(cString: entry.pw_name)
        uid = entry.pw_uid
        gecos = entry.pw_gecos.map { String(cString: $0) } ?? ""
        groups = Self.groups(of: self.name, primary: entry.pw_gid)
    }

    private static func groups(of name: String, primary: gid_t) -> RuleFacts.Groups {
        var count: Int32 = 64
        while true {
            var ids = [gid_t](repeating: 0, count: Int(count))
            let room = count
            if getgrouplist(name, primary, &ids, &count) >= 0 {
                var names: Set<ExactName> = []
                for id in ids.prefix(Int(count)) {
                    switch groupName(id) {
                    case .success(let name): names.insert(ExactName(name))
                    case .failure: return .unknown
                    }
                }
                return .known(names)
            }
            // It says how many there are; a name service that says nothing new would make this endless.
            guard count > room, count <= groupCap else { return .unknown }
        }
    }

    private struct Unresolved: Error {}

    /// A group without a name is known by its number: no rule can mean it.
    private static func groupName(_ id: gid_t) -> Result<String, Unresolved> {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        let texts = UnsafeMutablePointer<CChar>.allocate(capacity: 4 * capacity)
        defer { texts.deallocate() }
        let status = getgrgid_r(id, &entry, texts, 4 * capacity, &found)
        if status == 0, found != nil { return .success(String(cString: entry.gr_name)) }
        // These mean "no such group" in one name service or another: getgrgid(3).
        return [0, ENOENT, ESRCH, EBADF, EPERM].contains(status) ? .success("\(id)") : .failure(Unresolved())
    }
}
