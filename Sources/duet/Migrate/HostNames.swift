import Glibc

/// The names that the name services of this host list: getgrent(3), getpwent(3).
enum HostNames {
    private static let cap = 100_000

    static var groups: [String] {
        setgrent()
        defer { endgrent() }
        var names: [String] = []
        while names.count < cap, let entry = getgrent() { names.append(String(cString: entry.pointee.gr_name)) }
        return names
    }

    /// Users whose GECOS text has something in `field`, with that. A name with a space cannot stand in a map and is left out.
    static func duoNames(field: Int, delimiter: String) -> (map: [(user: String, name: String)], leftOut: [String]) {
        setpwent()
        defer { endpwent() }
        var map: [(user: String, name: String)] = []
        var leftOut: [String] = []
        while map.count < cap, let entry = getpwent() {
            let user = String(cString: entry.pointee.pw_name)
            let text = entry.pointee.pw_gecos.map { String(cString: $0) } ?? ""
            let parts = text.split(separator: delimiter, omittingEmptySubsequences: false)
            guard parts.indices.contains(field - 1), !parts[field - 1].isEmpty else { continue }
            let name = String(parts[field - 1])
            if (user + name).contains(where: { $0.isWhitespace || $0 == "#" }) || name.plain != name {
                leftOut.append(user)
            } else {
                map.append((user, name))
            }
        }
        return (map, leftOut)
    }
}
