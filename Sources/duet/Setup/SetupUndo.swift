import DuetCommandLine
import DuetConfiguration
import Glibc

/// `duet setup --undo` and `--confirm`.
struct SetupUndo {
    let host: Host

    /// `token`: only while the run of that name still waits to be confirmed, `after` so many seconds.
    func run(token: String?, after: Int?) throws {
        if let after {
            let end = ContinuousClock.now + .seconds(after)
            while ContinuousClock.now < end {
                guard try SetupBackup(host: host).pending == token else { return }
                sleep(1)
            }
        }
        let lock = try SetupBackup.lock(host, waits: token != nil)
        defer { SetupBackup.unlock(lock) }
        var backup = try SetupBackup(host: host)
        if let token, backup.pending != token { return }
        let kept = token.map(Self.kept) ?? 0
        guard !backup.isEmpty else {
            throw SetupRun.Stop(sentence: "there is nothing to undo: \(SetupBackup.folder) is empty")
        }
        let paths = backup.entries.dropFirst(kept).map(\.path)
        let touchesSSHD = paths.contains(SSHDEdit.path)
        do throws(SetupBackup.Failure) {
            try backup.undo(keeping: kept)
        } catch {
            // It may be back already, and the next call would not know.
            if touchesSSHD { _ = ServiceReload(host: host).sshd() }
            throw error
        }
        for path in paths { print("as before: \(path)") }
        if let remark = Self.daemonRemark(host) { print(remark) }
        let isOfDaemon = paths.contains { [Configuration.defaultPath, SetupCredentials.secretKeyPath].contains($0) }
        if isOfDaemon, host.status(Configuration.defaultPath) != nil, let remark = ServiceReload(host: host).daemon() {
            Terminal.warn("duet: \(remark)")
        }
        if touchesSSHD, let remark = ServiceReload(host: host).sshd() { Terminal.warn("duet: \(remark)") }
        // Whoever undoes by hand needs no timer; a timer that undoes is the caller.
        if token == nil { SetupRollback(host: host).disarm() }
    }

    /// Nil where duetd has a configuration of its own to go by. Not stopped: a PAM line that somebody wrote by hand may say
    /// fail=open, which is for a daemon that is not there.
    static func daemonRemark(_ host: Host) -> String? {
        guard host.isSystemd, access(Configuration.defaultPath, F_OK) != 0 else { return nil }
        return "duetd still runs; to end it: systemctl disable --now duetd.service duetd.socket duetd-control.socket"
    }

    /// How much of what was saved is of runs before the one that waits.
    private static func kept(_ token: String) -> Int { Int(token.prefix { $0 != "-" }) ?? 0 }

    func confirm() throws {
        let lock = try SetupBackup.lock(host)
        defer { SetupBackup.unlock(lock) }
        let backup = try SetupBackup(host: host)
        guard backup.pending != nil else { throw SetupRun.Stop(sentence: "nothing waits to be confirmed") }
        backup.disarm()
        SetupRollback(host: host).disarm()
        print("kept; duet setup --undo still puts everything back")
    }
}
