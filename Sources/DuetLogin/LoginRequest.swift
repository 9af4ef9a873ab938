package import DuetPolicy

/// Who wants to log in where, with names made canonical.
package struct LoginRequest: Sendable {
    /// The id that the journal, syslog and Duo's push share.
    package let id: String
    /// The canonical name on this host, which is also the user name in Duo.
    package let user: String
    package let service: String
    package let address: ClientAddress?
    /// This host's name.
    package let host: String

    package init(id: String, user: String, service: String, address: ClientAddress?, host: String) {
        self.id = id
        self.user = user
        self.service = service
        self.address = address
        self.host = host
    }
}
