/// What only the Admin API knows of a user.
struct UserProfile: Sendable {
    /// 1 to 8.
    var aliases: [Int: String] = [:]
    var realName = ""
    var firstName = ""
    var lastName = ""
    var email = ""
    var notes = ""
    /// Unix seconds.
    var created = 1_600_000_000
    var lastDirectorySync: Int?
}
