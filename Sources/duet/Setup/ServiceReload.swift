import Glibc

/// Makes programs that run read their files again, with systemd or without.
struct ServiceReload {
    let host: Host

    private var systemctl: String? {
        host.status("/run/systemd/system") == nil ? nil : host.program("/usr/bin/systemctl", "/bin/systemctl")
    }

    /// Nil: done, or there is nothing to do. Otherwise what the person has to do.
    func sshd() -> String? {
        guard host.isThisOne, let program = host.program("/usr/sbin/sshd") else { return nil }
        if let systemctl {
            for unit in ["ssh.service", "sshd.service"] {
                let outcome = Program(path: systemctl, arguments: ["reload", unit]).run()
                if outcome?.status == 0 { return nil }
            }
            // Socket-activated: each connection reads the file anew.
            return "sshd was not reloaded: if it runs as a service of its own, reload it"
        }
        let pidFile = SSHDSettings(host: host)?["pidfile"] ?? "/run/sshd.pid"
        guard let pid = host.text(pidFile).flatMap({ pid_t($0.trimmed) }), pid > 1,
            Self.isRunning(pid, program)
        else { return "sshd does not run as a service here: if it runs, reload it" }
        return kill(pid, SIGHUP) == 0 ? nil : "sshd could not be reloaded: kill -HUP \(pid)"
    }

    /// The file may be old: the number may be somebody else's by now.
    private static func isRunning(_ pid: pid_t, _ program: String) -> Bool {
        var name = [UInt8](repeating: 0, count: 4096)
        let count = name.withUnsafeMutableBytes { room in
            room.baseAddress.map { readlink("/proc/\(pid)/exe", $0.assumingMemoryBound(to: CChar.self), room.count) }
                ?? -1
        }
        return count > 0 && String(decoding: name.prefix(count), as: UTF8.self) == program
    }

    /// Starts the daemon, or lets it read the new configuration.
    func daemon() -> String? {
        guard host.isThisOne else { return nil }
        guard let systemctl else { return "without systemd: start duetd, or restart it, before logins need it" }
        for arguments in [["enable", "--now", "duetd.service"], ["restart", "duetd.service"]] {
            let outcome = Program(path: systemctl, arguments: arguments).run(limit: .seconds(40))
            if outcome?.status != 0 {
                return
                    "systemctl \(arguments.joined(separator: " ")) failed: \(outcome?.output.trimmed.replacing("\n", with: "; ").plain ?? "no answer")"
            }
        }
        return nil
    }
}
