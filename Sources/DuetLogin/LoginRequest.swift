package import DuetPolicy

/// Who wants to log in where, with names made canonical.
package struct LoginRequest: Sendable {
    /// The id that the journal, syslog and Duo's push share.
    package let id: String
    /// The canonical name on this host.
    package let user: String
    /// The user's name in Duo.
    package let duoUser: String
    package let service: String
    package let address: ClientAddress?
    /// PAM_TTY, where it names a terminal.
    package let tty: String?
    /// The real uid of the process that asked.
    package let caller: UInt32
    /// What sudo was asked to do, where the module could know it honestly.
    package let command: String?
    /// This host's name.
    package let host: String
    /// What the push calls the login and the user.
    package let wording: PushWording
    /// `duet login`: nobody logs in.
    package let isTrial: Bool

    package init(
        id: String, user: String, duoUser: String? = nil, service: String, address: ClientAddress?,
        tty: String? = nil, caller: UInt32, command: String? = nil, host: String, wording: PushWording = PushWording(),
        isTrial: Bool = false
    ) {
        self.id = id
        self.user = user
        self.duoUser = duoUser ?? user
        self.service = service
        self.address = address
        self.tty = tty.flatMap { ["ssh", ""].contains($0) ? nil : $0 }
        self.caller = caller
        self.command = command
        self.host = host
        self.wording = wording
        self.isTrial = isTrial
    }
}
