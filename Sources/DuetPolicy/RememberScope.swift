/// What a remembered decision is bound to, besides the user, the caller, Duo's user and application, service and rule.
package enum RememberScope: String, Sendable, CaseIterable {
    /// The terminal, the leader of its session, and when that began.
    case tty
    /// The process that started the host, and when it began.
    case parent
    /// The ssh connection that it all runs under; recorded by sshd's rule, honoured by another rule with this scope.
    case login
    /// The ssh key, and the address it is used from.
    case key
    /// The user on this host.
    case user

    /// The longest that an allow may live.
    package var longest: Duration {
        switch self {
        case .tty, .parent, .login, .user: .seconds(12 * 3_600)
        case .key: .seconds(3_600)
        }
    }

    /// What it is bound to, in words.
    package var binding: String {
        switch self {
        case .tty: "the terminal and its session"
        case .parent: "the process that started it"
        case .login: "the ssh connection that it runs under"
        case .key: "the ssh key and the client's address"
        case .user: "the user on this host"
        }
    }

    /// Why a login with these facts is never remembered; nil when it may be. What only /proc can say is not looked at.
    package func obstacle(_ facts: RuleFacts) -> String? {
        guard admits(facts.service) else { return "\(facts.service) cannot have the scope \(rawValue)" }
        switch self {
        case .tty: return facts.hasTerminal ? nil : "there is no terminal"
        case .parent, .login: return nil
        case .key:
            guard facts.usedPublicKey else { return "no key was accepted" }
            guard case .address(let address) = facts.client else { return "there is no client address" }
            return address.isLoopback ? "the client is this machine itself" : nil
        case .user: return facts.client == .none ? nil : "there is a client address"
        }
    }

    /// Whether a login to `service` can ever have what this is bound to. Services that nobody knows may.
    package func admits(_ service: ExactName) -> Bool {
        let isSSH = service == "sshd"
        let isSwitch = Self.switches.contains(service)
        let isDoor = Self.doors.contains(service)
        return switch self {
        case .tty: !isSSH
        case .parent: !isSSH && !isDoor
        case .login: !isDoor
        case .key: !isSwitch && !isDoor
        case .user: !isSSH
        }
    }

    /// Services that change the user within a session.
    package static let switches: [ExactName] = [
        "sudo", "sudo-i", "su", "su-l", "runuser", "runuser-l", "doas", "polkit-1", "pkexec",
    ]
    /// Services that begin a session before the machine.
    package static let doors: [ExactName] = ["login", "gdm-password", "lightdm", "sddm", "kde", "xdm"]
}

extension ClientAddress {
    /// 127.0.0.0/8 and ::1.
    package var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }
}
