package import DuetPolicy
package import Glibc

/// What a remembered decision is bound to. Times are start times from /proc/PID/stat, in clock ticks since the boot: with
/// them a pid that is used again is another process.
package enum ScopeBinding: Sendable, Equatable {
    /// A terminal session.
    case tty(ttyNumber: UInt32, leader: pid_t, leaderStart: UInt64)
    /// The process that called the program, in its session and with its real uid.
    case parent(pid: pid_t, start: UInt64, session: pid_t, realUID: UInt32)
    /// An ssh connection: the sshd process that watches over it.
    case login(pid: pid_t, start: UInt64)
    /// An ssh key used from one address: a hash of the whole SSH_AUTH_INFO_0.
    case key(address: ClientAddress, authInfoHash: [UInt8])
    /// The user on this host, wherever they come from.
    case user

    package enum Kind: String, Sendable, CaseIterable {
        case tty, parent, login, key, user

        /// The longest that anything is remembered, whatever a rule says.
        package var longest: Duration {
            switch self {
            case .tty, .parent, .login, .user: .seconds(12 * 3_600)
            case .key: .seconds(3_600)
            }
        }
    }

    package var kind: Kind {
        switch self {
        case .tty: .tty
        case .parent: .parent
        case .login: .login
        case .key: .key
        case .user: .user
        }
    }
}

extension ScopeBinding: CustomStringConvertible {
    /// For people. The hash of a key is left out: its file says more.
    package var description: String {
        switch self {
        case .tty(let number, let leader, _):
            // tty_nr: the minor in bits 0 to 7 and 20 to 31, the major in bits 8 to 19.
            "terminal \(number >> 8 & 0xFFF):\(number & 0xFF | number >> 12 & 0xFFF00), session of process \(leader)"
        case .parent(let pid, _, let session, _): "started by process \(pid) of session \(session)"
        case .login(let pid, _): "ssh connection of process \(pid)"
        case .key(let address, _): "ssh key, from \(address)"
        case .user: "the user"
        }
    }
}
