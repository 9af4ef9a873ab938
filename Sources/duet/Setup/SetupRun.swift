import DuetCommandLine
import DuetConfiguration
import Glibc
import Secrets

/// One run of the wizard. Its order is what makes it safe:
///
/// 1. Nothing MUST be written before Duo has accepted the credentials.
/// 2. No service MUST be changed before its file is saved and a test login through its new lines has worked, or was refused.
/// 3. The way back MUST be armed before anything is changed.
/// 4. sshd MUST ask for a key before PAM stops asking for a password: `SetupPlan.changes`.
/// 5. Whatever fails after the first write MUST put back what this run has changed, and nothing of an earlier one.
/// Held by Tests/EndToEnd/test_admin.py.
struct SetupRun {
    struct Stop: Error {
        let sentence: String
    }

    let options: Setup
    let host: Host
    let questions = Questions()
    private var backup: SetupBackup

    init(options: Setup, host: Host) throws {
        self.options = options
        self.host = host
        if !options.dryRun { try SetupBackup.lock(host) }
        backup = try SetupBackup(host: host)
        if backup.pending != nil {
            throw Stop(sentence: "an earlier setup waits: duet setup --confirm or duet setup --undo")
        }
        guard options.yes || options.dryRun || Questions.isPossible else {
            throw Stop(sentence: "there is no terminal to ask at: use --yes and options")
        }
    }

    mutating func run() async throws {
        let credentials = try await credentials()
        let services = try services()
        let plan: SetupPlan
        let firstFactor = try firstFactor(services)
        let all = SetupPlan.companions(services, host)
        if services.contains("sshd"), !all.contains("sshd") {
            throw Stop(sentence: "/etc/pam.d/sshd includes another of these services: name one of the two")
        }
        do throws(SetupPlan.Failure) {
            plan = try SetupPlan(host: host, services: all, sshFirstFactor: firstFactor, module: options.module)
        } catch {
            throw Stop(sentence: error.sentence)
        }
        for service in plan.done { questions.say("\(service) asks Duet already") }
        show(plan)
        if options.dryRun { return }
        guard options.yes || questions.agrees("Make these changes?", standard: false) else {
            throw Stop(sentence: "nothing was changed")
        }
        let staged = try StagedServices(host: host, replacements: plan.replacements)
        defer { staged.remove() }
        try wayIn(plan, services, staged)
        do {
            try save(plan, credentials)
            if let credentials { try write(credentials) }
            if let remark = ServiceReload(host: host).daemon() {
                guard !host.isSystemd else { throw Stop(sentence: "duetd cannot be started: \(remark)") }
                Terminal.warn("duet: \(remark)")
            }
            if credentials != nil { try checkConfiguration() }
            if credentials != nil || !plan.changes.isEmpty { try testLogin(services, staged) }
            try arm()
            try apply(plan)
        } catch {
            let why = (error as? Stop)?.sentence ?? (error as? SetupBackup.Failure)?.sentence ?? "\(error)"
            let touchesSSHD = plan.changes.contains { $0.path == SSHDEdit.path }
            defer { if touchesSSHD { _ = ServiceReload(host: host).sshd() } }
            do throws(SetupBackup.Failure) {
                try backup.undo(keeping: backup.base)
                SetupRollback(host: host).disarm()
            } catch {
                throw Stop(
                    sentence: "\(why)\nduet: not everything could be put back: \(error.sentence)\n"
                        + "duet: mend that, and then: duet setup --undo, which puts back what earlier runs changed too")
            }
            var daemon = credentials == nil ? nil : SetupUndo.daemonRemark(host)
            // An earlier run's configuration is in force again, and not the one that failed.
            if credentials != nil, host.status(Configuration.defaultPath) != nil {
                daemon = ServiceReload(host: host).daemon() ?? daemon
            }
            throw Stop(
                sentence: "\(why)\nduet: everything is as it was before"
                    + (daemon.map { ", but that \($0)" } ?? ""))
        }
        finish()
    }

    // MARK: Services

    private func services() throws -> [String] {
        if !options.services.isEmpty {
            for service in options.services
            where service.isEmpty || service.contains("/") || host.status("/etc/pam.d/\(service)") == nil {
                throw Stop(sentence: "/etc/pam.d/\(service.plain) is not there")
            }
            return options.services
        }
        guard !options.yes else { throw Stop(sentence: "--yes needs --service, once for each") }
        var chosen: [String] = []
        for (service, standard) in [("sshd", true), ("sudo", true), ("su", false), ("login", false)]
        where host.status("/etc/pam.d/\(service)") != nil {
            if questions.agrees("Shall \(service) ask Duet?", standard: standard) { chosen.append(service) }
        }
        guard !chosen.isEmpty else { throw Stop(sentence: "no service: nothing was changed") }
        return chosen
    }

    private func firstFactor(_ services: [String]) throws -> ServiceEdit.FirstFactor {
        guard services.contains("sshd") else { return .asItIs }
        if let ssh = options.ssh { return ssh == .key ? .key : .asItIs }
        guard !options.yes else { throw Stop(sentence: "--yes with --service sshd needs --ssh key or --ssh password") }
        let isKey = questions.agrees(
            "Do people come to sshd with a key (y: a password opens it no more) or with a password (n: a key opens it no more)?",
            standard: true)
        return isKey ? .key : .asItIs
    }

    private func show(_ plan: SetupPlan) {
        questions.say(plan.changes.isEmpty ? "no service needs a change" : plan.diff)
        for warning in plan.warnings { Terminal.warn("duet: \(warning)") }
        if plan.changes.contains(where: { $0.path == SSHDEdit.path }) {
            for finding in SSHDCheck().exceptions(host, replacements: plan.replacements) {
                Terminal.warn("duet: \(finding.text)")
            }
        }
        guard plan.changes.contains(where: { $0.path == SSHDEdit.path }), let sshd = SSHDSettings(host: host),
            SSHDCheck.keepsRootOut(sshd, host)
        else { return }
        questions.say(
            "root comes by ssh with a key now, and will not get in that way any more: PermitRootLogin keeps root's answers "
                + "from Duet.\n→ \(SSHDCheck.rootsWay)")
    }

    // MARK: Tests

    /// One tested way in without Duet, or a clear no to that.
    private func wayIn(_ plan: SetupPlan, _ services: [String], _ staged: StagedServices) throws {
        if options.noWayIn { return questions.say("no way in without Duet, as you wish") }
        var service = options.wayIn
        if service == nil, !options.yes {
            let standard = host.status("/etc/pam.d/login") != nil && !services.contains("login") ? "login" : "none"
            let answer = questions.ask(
                "Which service stays a way in without Duet (none: there is none)?", standard: standard)
            if answer == "none" {
                guard questions.agrees("Without one, trouble with Duo locks everybody out. Go on?", standard: false)
                else {
                    throw Stop(sentence: "nothing was changed")
                }
                return
            }
            service = answer
        }
        guard let service else { throw Stop(sentence: "--yes needs --way-in SERVICE, or --no-way-in") }
        guard host.status("/etc/pam.d/\(service)") != nil, !service.contains("/") else {
            throw Stop(sentence: "/etc/pam.d/\(service.plain) is not there: it is no way in")
        }
        let stack = PAMStack(service: service, host: host, replacements: plan.replacements)
        guard stack.duet.isEmpty else { throw Stop(sentence: "\(service) asks Duet: it is no way in without it") }
        try login(
            service, try wayInUser(), staged, what: "the way in",
            remark: "\nduet: nothing was changed; --way-in-user NAME has somebody else try it, --no-way-in does without"
        )
    }

    /// Many a root has no password, and nobody gets in as that one.
    private func wayInUser() throws -> String {
        if let user = options.wayInUser { return user }
        guard !options.yes else { return "root" }
        let lines = (host.text("/etc/shadow") ?? "").split(separator: "\n")
        let root = lines.first { $0.hasPrefix("root:") }?.dropFirst("root:".count)
        let isLocked = root?.hasPrefix("!") == true || root?.hasPrefix("*") == true
        let other = getenv("SUDO_USER").map { String(cString: $0) }
        guard
            let user = questions.ask("Who shows that it works, with a password?", standard: isLocked ? other : "root"),
            !user.isEmpty
        else { throw Stop(sentence: "nothing was changed") }
        return user
    }

    private func testLogin(_ services: [String], _ staged: StagedServices) throws {
        guard !options.noTestLogin, host.isThisOne, let service = services.first else { return }
        var user = options.testUser
        if user == nil, !options.yes {
            user = questions.ask("Who makes the test login?", standard: getenv("SUDO_USER").map { String(cString: $0) })
        }
        guard let user, !user.isEmpty else { throw Stop(sentence: "--yes needs --test-user NAME, or --no-test-login") }
        try login(service, user, staged, what: "the test login")
    }

    private func login(
        _ service: String, _ user: String, _ staged: StagedServices, what: String, remark: String = ""
    ) throws {
        guard host.isThisOne else { return }
        for attempt in 1...3 {
            questions.say("\(what): \(user) by \(service)")
            let login = TestLogin(
                service: service, user: user, folder: staged.folder, rhost: service == "sshd" ? "127.0.0.1" : nil)
            guard let failure = login.failure() else { return questions.say("\(what) works") }
            let isLast = attempt == 3 || options.yes
            guard !isLast, questions.agrees("\(failure). Try again?", standard: true) else {
                throw Stop(sentence: "\(what) failed: \(failure)\(remark)")
            }
        }
    }

    // MARK: Changes

    /// What will be changed, and the way back to it.
    private mutating func save(_ plan: SetupPlan, _ credentials: SetupCredentials?) throws {
        let ofCredentials = credentials == nil ? [] : [SetupCredentials.secretKeyPath, Configuration.defaultPath]
        for path in ofCredentials + plan.changes.map(\.path) { try backup.save(path) }
        try arm()
    }

    /// From now on so long. Again after the test login, which takes as long as somebody needs for it.
    private func arm() throws {
        guard !backup.isWithoutChanges, let text = options.rollbackIn, let delay = options.delay(text) else { return }
        let rollback = SetupRollback(host: host)
        rollback.disarm()
        let token = "\(backup.base)-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        try backup.arm(token)
        guard rollback.arm(in: delay, token: token) else {
            throw Stop(sentence: "cannot arm the way back: neither systemd-run nor a process of its own can be started")
        }
    }

    private mutating func write(_ credentials: SetupCredentials) throws {
        guard mkdir(host.path("/etc/duet"), 0o755) == 0 || errno == EEXIST else {
            throw Stop(sentence: "cannot make /etc/duet: \(String(cString: strerror(errno)))")
        }
        let key = credentials.secretKey.withBytes(Array.init) + [UInt8(ascii: "\n")]
        try put(SetupCredentials.secretKeyPath, key, mode: 0o600, owner: keyOwner)
        try put(Configuration.defaultPath, Array(credentials.toml.utf8), mode: 0o644, owner: nil)
    }

    /// Once the daemon has been started anew: before that systemd may still hold another key, or none.
    private func checkConfiguration() throws {
        guard host.isThisOne else { return }
        do throws(ConfigurationError) {
            _ = try Configuration.load(path: Configuration.defaultPath)
        } catch {
            throw Stop(sentence: error.report)
        }
    }

    private mutating func apply(_ plan: SetupPlan) throws {
        guard !plan.changes.isEmpty else { return }
        for change in plan.changes {
            guard let status = host.status(change.path), let now = host.text(change.path), now == change.old else {
                throw Stop(sentence: "\(change.path) has changed in the meantime")
            }
            try put(
                change.path, Array(change.new.utf8), mode: status.st_mode & 0o7777,
                owner: (status.st_uid, status.st_gid))
            if change.path == SSHDEdit.path { try takeUp() }
        }
        // Once more, as everybody will meet them.
        for change in plan.changes where change.path != SSHDEdit.path {
            guard host.text(change.path) == change.new else { throw Stop(sentence: "\(change.path) was not written") }
        }
    }

    /// sshd takes its new block up before PAM changes.
    private func takeUp() throws {
        if let error = SSHDSettings(host: host)?.error {
            throw Stop(sentence: "sshd's configuration does not stand: \(error)")
        }
        if let remark = ServiceReload(host: host).sshd() {
            Terminal.warn("duet: \(remark); until then an sshd that runs may ask for less than its new lines say")
        }
    }

    private mutating func put(_ path: String, _ content: [UInt8], mode: mode_t, owner: (uid_t, gid_t)?) throws {
        try backup.save(path)
        do throws(NewFile.Failure) {
            try NewFile(path: host.path(path), content: content, mode: mode, owner: geteuid() == 0 ? owner : nil)
                .write()
        } catch {
            throw Stop(sentence: error.sentence)
        }
    }

    /// Root's where systemd hands the key over; the daemon's where it reads the file itself.
    private var keyOwner: (uid_t, gid_t)? {
        guard host.isThisOne, !host.isSystemd, let entry = getpwnam("duet") else { return nil }
        return (entry.pointee.pw_uid, entry.pointee.pw_gid)
    }

    private func finish() {
        questions.say("done. Saved in \(SetupBackup.folder); duet setup --undo puts everything back")
        if let rollbackIn = options.rollbackIn, backup.pending != nil {
            questions.say(
                "in \(rollbackIn) what this run has changed is put back, unless you log in anew, see that it works, and run: duet setup --confirm"
            )
        }
        questions.say("keep this session open until a login in another one has worked; duet doctor checks the rest")
    }
}
