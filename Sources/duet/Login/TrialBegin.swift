import DuetPolicy
import DuetWire
import Glibc

/// What a module would say of the login that is tried.
struct TrialBegin {
    /// As the module's.
    private static let timeout = Duration.seconds(110)
    private static let firstConsole: UInt32 = 4 << 8

    let user: String
    let service: String
    let rhost: String?
    let tty: String?
    let command: String?
    let key: Bool

    func begin(caller: UInt32) -> Begin {
        // sshd alone names its connection, keeps information back, and calls its terminal "ssh".
        let connection = isSSH ? rhost.map { "\($0) 0 127.0.0.1 22" } : nil
        var begin = Begin(
            nonce: (0..<16).map { _ in .random(in: 0 ... .max) }, user: user, service: service, caller: caller,
            isTrial: true, timeout: Self.timeout, rhost: rhost, tty: tty ?? (isSSH ? "ssh" : nil),
            sshConnection: connection, authInfo: key ? "publickey trial" : nil)
        begin.session.command = command
        begin.session.columns = columns
        begin.session.terminal = console
        return begin
    }

    private var isSSH: Bool { service.hasPrefix("sshd") && rhost.flatMap(ClientAddress.init) != nil }

    /// Rules ask whether the person sits before the machine.
    private var console: SessionFacts.Terminal? {
        guard rhost == nil, KernelTerminal.matches(name: tty), let tty,
            let number = UInt32(tty.drop { !$0.isNumber })
        else { return nil }
        return SessionFacts.Terminal(
            number: Self.firstConsole | number, leader: ProcessIdentity(pid: UInt32(getpid()), start: 1))
    }

    private var columns: UInt32? {
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? UInt32(size.ws_col) : nil
    }
}
