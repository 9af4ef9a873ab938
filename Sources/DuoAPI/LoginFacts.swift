/// Who logs in and from where, as every preauth and auth call says it.
package struct LoginFacts: Sendable, Equatable {
    package var user: DuoUser
    /// The user's address, IPv4 or IPv6; without it, Duo's network and location policies have no effect.
    package var address: String?
    /// Name of the accessing device.
    package var hostname: String?

    package init(user: DuoUser, address: String? = nil, hostname: String? = nil) {
        self.user = user
        self.address = address
        self.hostname = hostname
    }
}

/// Duo takes exactly one of the two.
package enum DuoUser: Sendable, Equatable {
    /// A name or an alias.
    case username(String)
    /// `DU` and 18 more characters.
    case userID(String)
}
