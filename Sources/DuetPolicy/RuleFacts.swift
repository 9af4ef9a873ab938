/// What a rule may ask about a login. The clock is one of them: nothing in this module looks at anything itself.
package struct RuleFacts: Sendable, Equatable {
    package enum Groups: Sendable, Equatable {
        case known(Set<ExactName>)
        /// No name service could say.
        case unknown
    }

    package enum Client: Sendable, Equatable {
        /// No remote host was named.
        case none
        case address(ClientAddress)
        /// A remote host was named, and not by a numeric address.
        case unclear

        /// From SSH_CONNECTION and PAM_RHOST.
        package init(sshConnection: String?, rhost: String?) {
            if let address = ClientAddress(sshConnection: sshConnection, rhost: rhost) {
                self = .address(address)
            } else {
                self = (sshConnection ?? "").isEmpty && (rhost ?? "").isEmpty ? .none : .unclear
            }
        }
    }

    /// PAM_SERVICE.
    package var service: ExactName
    /// pw_name, never what was typed.
    package var user: ExactName
    package var groups: Groups
    package var client: Client
    /// The host process has a kernel terminal of this machine: `KernelTerminal`.
    package var isOnConsole: Bool
    /// PAM_TTY.
    package var tty: String?
    /// sshd has accepted a key.
    package var usedPublicKey: Bool
    /// Whether the user is on the list of those whom Duet manages; nil when it could not be found out.
    package var isEnabled: Bool?
    /// Seconds since 1970.
    package var time: Int64

    package init(
        service: ExactName, user: ExactName, groups: Groups, client: Client = .none, isOnConsole: Bool = false,
        tty: String? = nil, usedPublicKey: Bool = false, isEnabled: Bool? = nil, time: Int64
    ) {
        self.service = service
        self.user = user
        self.groups = groups
        self.client = client
        self.isOnConsole = isOnConsole
        self.tty = tty
        self.usedPublicKey = usedPublicKey
        self.isEnabled = isEnabled
        self.time = time
    }

    /// `ssh` is what sshd writes where it knows of no terminal yet.
    package var hasTerminal: Bool {
        guard let tty else { return false }
        return !tty.isEmpty && tty != "ssh"
    }

    /// From SSH_AUTH_INFO_0: one method a line, `publickey ssh-ed25519 AAAA…`.
    package static func usedPublicKey(authInfo: String?) -> Bool {
        (authInfo ?? "").split(separator: "\n").contains { $0 == "publickey" || $0.hasPrefix("publickey ") }
    }
}
