import FoundationEssentials

/// Puts back what a run has changed, by itself, unless `duet setup --confirm` comes first.
struct SetupRollback {
    /// The name of the timer begins so: one of an earlier run may not be gone yet.
    private static let unit = "duet-setup-rollback"

    let host: Host

    /// A timer of systemd's, which outlives the ssh connection; without systemd a process in a session of its own.
    func arm(in delay: Duration, token: String) -> Bool {
        guard let duet = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return false
        }
        let seconds = max(1, delay.components.seconds)
        let root = host.isThisOne ? [] : ["--root", host.root]
        if host.isSystemd, let program = host.program("/usr/bin/systemd-run") {
            let arguments = [
                "--quiet", "--collect", "--unit=\(Self.unit)-\(token)", "--on-active=\(seconds)s",
                "--timer-property=AccuracySec=1s", duet, "setup", "--undo", "--token", token,
            ]
            if Program(path: program, arguments: arguments).run()?.status == 0 { return true }
        }
        let arguments = ["setup", "--undo", "--token", token, "--after", "\(seconds)"] + root
        return Program(path: duet, arguments: arguments).detach() != nil
    }

    /// The process without systemd finds out by its token.
    func disarm() {
        guard host.isSystemd, let systemctl = host.program("/usr/bin/systemctl") else { return }
        _ = Program(path: systemctl, arguments: ["stop", "\(Self.unit)-*.timer"]).run()
    }
}
