import Foundation
import Testing

@testable import duet

@Suite("duet doctor", .timeLimit(.minutes(2)))
struct DoctorTests {
    typealias Break = @Sendable (SickHost) throws -> Void

    /// One row: which check, how it is broken, and what it says then.
    struct Sickness: Sendable, CustomTestStringConvertible {
        let check: any DoctorCheck
        let result: Finding.Result
        let words: String
        let harm: Break

        init(_ check: any DoctorCheck, _ result: Finding.Result, _ words: String, _ harm: @escaping Break) {
            (self.check, self.result, self.words, self.harm) = (check, result, words, harm)
        }

        var testDescription: String { "\(check.name): \(words)" }
    }

    @Test(
        "On a host on which all is well no check complains, as far as it can look",
        .enabled(if: SickHost.hasModule, "make -C pam"))
    func well() async throws {
        let host = try SickHost()
        let patient = host.patient()
        // These ask the daemon and Duo, who are not here: Tests/EndToEnd/test_admin.py.
        for check in Doctor.checks where !["daemon", "Duo"].contains(check.name) {
            for finding in await check.run(patient) {
                #expect(finding.result == .ok || finding.result == .skipped, "\(finding)")
                #expect(finding.check == check.name)
            }
        }
        withExtendedLifetime(host) {}
    }

    /// A stack with a line that prefetches.
    private static func ahead(_ control: String, _ more: String = "") -> String {
        "auth \(control) pam_duet.so prefetch \(more)\nauth requisite pam_unix.so\nauth required pam_duet.so\n"
    }

    static let sicknesses: [Sickness] = [
        Sickness(ModuleCheck(), .failure, "in none of PAM's folders") { try? $0.folder.remove("lib/security") },
        Sickness(ModuleCheck(), .failure, "no shared library") {
            try $0.folder.write("lib/security/pam_duet.so", "not ELF, and long enough to be read")
        },
        Sickness(ModuleCheck(), .failure, "for another kind of machine") { host in
            var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "/proc/self/exe")).prefix(64))
            bytes[18] ^= 0x55
            try FileManager.default.createDirectory(
                atPath: host.folder.path + "/lib/security", withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(fileURLWithPath: host.folder.path + "/lib/security/pam_duet.so"))
        },
        Sickness(ModuleCheck(), .failure, "cannot be loaded") { host in
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "/proc/self/exe")).prefix(64)
            try FileManager.default.createDirectory(
                atPath: host.folder.path + "/lib/security", withIntermediateDirectories: true)
            try bytes.write(to: URL(fileURLWithPath: host.folder.path + "/lib/security/pam_duet.so"))
        },
        Sickness(ModuleCheck(), .failure, "can be changed by others") { host in
            try host.folder.write("lib/security/pam_duet.so", "x", mode: 0o666)
        },
        Sickness(ModuleCheck(), .failure, "is not there") {
            try $0.folder.write("etc/pam.d/sudo", "auth requisite pam_unix.so\nauth required /opt/pam_duet.so\n")
        },
        Sickness(PAMStackCheck(), .failure, "a wrong password sends a push") {
            try $0.folder.write("etc/pam.d/sudo", "auth required pam_unix.so\nauth required pam_duet.so\n")
        },
        Sickness(PAMStackCheck(), .failure, "Duet's refusal is lost") {
            try $0.folder.write("etc/pam.d/sudo", "auth requisite pam_unix.so\nauth optional pam_duet.so\n")
        },
        Sickness(PAMStackCheck(), .warning, "sudo: duo_unix asks too (/etc/pam.d/sudo:2)") {
            try $0.folder.write(
                "etc/pam.d/sudo",
                "auth requisite pam_unix.so\nauth [success=1 default=ignore] /lib64/security/pam_duo.so\n"
                    + "auth requisite pam_deny.so\nauth required pam_duet.so\n")
        },
        Sickness(PAMStackCheck(), .failure, "Duet is the only factor") {
            try $0.folder.write("etc/pam.d/sshd", "auth required pam_duet.so\n")
        },
        Sickness(PAMStackCheck(), .failure, "whom rule \"robots\" leaves to the other modules") {
            try $0.folder.write("etc/pam.d/sshd", "auth required pam_duet.so\n")
            try $0.configure(
                "[[rule]]\nname = \"robots\"\nwhen = { user = [\"robot\"] }\naction = \"bypass\"\nverdict = \"ignore\"\n"
                    + "[[rule]]\nname = \"rest\"\naction = \"require\"\n")
        },
        Sickness(PAMStackCheck(), .warning, "no service in /etc/pam.d asks Duet") { try $0.folder.remove("etc/pam.d") },
        Sickness(ModuleOptionsCheck(), .warning, "fail=open lets sudo in") {
            try $0.folder.write("etc/pam.d/sudo", "auth requisite pam_unix.so\nauth required pam_duet.so fail=open\n")
        },
        Sickness(ModuleOptionsCheck(), .failure, "\"fial=open\" is unknown") {
            try $0.folder.write("etc/pam.d/sudo", "auth requisite pam_unix.so\nauth required pam_duet.so fial=open\n")
        },
        Sickness(ModuleOptionsCheck(), .failure, "\"timeout=0\" is unknown, malformed") {
            try $0.folder.write("etc/pam.d/sudo", "auth requisite pam_unix.so\nauth required pam_duet.so timeout=0\n")
        },
        Sickness(ModuleOptionsCheck(), .failure, "cannot have fail= or timeout=") {
            try $0.folder.write("etc/pam.d/sudo", ahead("optional", "fail=closed"))
        },
        Sickness(PrefetchCheck(), .ok, "Duo is asked while the password is typed") {
            try $0.folder.write("etc/pam.d/sudo", ahead("optional"))
        },
        Sickness(PAMStackCheck(), .ok, "sudo: a denial denies, a wrong password sends no push (/etc/pam.d/sudo:3)") {
            try $0.folder.write("etc/pam.d/sudo", ahead("optional"))
        },
        Sickness(PrefetchCheck(), .failure, "a line with prefetch is not optional") {
            try $0.folder.write("etc/pam.d/sudo", ahead("required"))
        },
        Sickness(PrefetchCheck(), .failure, "a line with prefetch is not optional") {
            try $0.folder.write("etc/pam.d/sudo", ahead("sufficient"))
        },
        Sickness(PrefetchCheck(), .failure, "says who is coming and never asks Duet") {
            try $0.folder.write("etc/pam.d/sudo", "auth optional pam_duet.so prefetch\nauth requisite pam_unix.so\n")
        },
        Sickness(PrefetchCheck(), .warning, "prefetch does nothing for sudo here") {
            try $0.folder.write(
                "etc/pam.d/sudo",
                "auth requisite pam_unix.so\nauth optional pam_duet.so prefetch\nauth required pam_duet.so\n")
        },
        Sickness(SSHDCheck(), .failure, "UsePAM is no") { try $0.sshd(["usepam": "no"]) },
        Sickness(SSHDCheck(), .failure, "Duet cannot ask") { try $0.sshd(["kbdinteractiveauthentication": "no"]) },
        Sickness(SSHDCheck(), .failure, "answers Duet's question with the login password") {
            try $0.sshd(["passwordauthentication": "yes", "authenticationmethods": "any"])
        },
        Sickness(SSHDCheck(), .failure, "who has a key gets in without Duet") {
            try $0.sshd(["authenticationmethods": "any"])
        },
        Sickness(SSHDCheck(), .failure, "has publickey, which gets in without Duet") {
            try $0.sshd(["authenticationmethods": "publickey,keyboard-interactive publickey"])
        },
        Sickness(SSHDCheck(), .failure, "sshd hangs up in the middle") { try $0.sshd(["logingracetime": "60"]) },
        Sickness(SSHDCheck(), .failure, "its configuration does not stand") {
            try $0.folder.write("usr/sbin/sshd", "#!/bin/sh\necho 'line 3: Bad option' >&2\nexit 255\n", mode: 0o755)
        },
        Sickness(SSHDCheck(), .failure, "does not stand: line 3: Bad option; terminating") {
            try $0.folder.write(
                "usr/sbin/sshd", "#!/bin/sh\nprintf 'line 3: Bad option\\r\\nterminating\\r\\n' >&2\nexit 255\n",
                mode: 0o755)
        },
        Sickness(PAMStackCheck(), .ok, "sshd: a denial denies") {
            try $0.folder.write("etc/pam.d/sshd", "auth required pam_duet.so\n")
            try $0.folder.write("usr/sbin/sshd", "#!/bin/sh\necho 'line 3: Bad option' >&2\nexit 255\n", mode: 0o755)
        },
        Sickness(SSHDCheck(), .warning, "root has a key, and cannot get in with it: PermitRootLogin without-password") {
            try $0.folder.write("root/.ssh/authorized_keys", "# mine\nssh-ed25519 AAAA root\n", mode: 0o600)
            try $0.sshd(["permitrootlogin": "without-password"])
        },
        Sickness(SSHDCheck(), .ok, "shows what Duet says at once") { try $0.sshd([:], version: "OpenSSH_10.3p1") },
        Sickness(SSHDCheck(), .ok, "shows texts only with the next question") {
            try $0.sshd([:], version: "OpenSSH_10.2p1")
        },
        Sickness(SudoTimestampCheck(), .warning, "asks nobody for 15 minutes") {
            try $0.folder.write("etc/sudoers", "root ALL=(ALL) ALL\n", mode: 0o440)
        },
        Sickness(SudoTimestampCheck(), .failure, "never asks a second time") {
            try $0.folder.write("etc/sudoers.d/long", "Defaults env_reset, timestamp_timeout = -1\n", mode: 0o440)
        },
        Sickness(SudoTimestampCheck(), .failure, "!authenticate") {
            try $0.folder.write("etc/sudoers.d/none", "Defaults:alice !authenticate\n", mode: 0o440)
        },
        Sickness(SudoTimestampCheck(), .warning, "NOPASSWD in 1 rule") {
            try $0.folder.write("etc/sudoers.d/free", "# NOPASSWD: no\nalice ALL=(ALL) NOPASSWD: ALL\n", mode: 0o440)
        },
        Sickness(
            SSHDCheck(), .warning, "sshd_config:3: \"AuthenticationMethods publickey\" holds for \"Match User robot\""
        ) {
            try $0.folder.write(
                "etc/ssh/sshd_config",
                "AuthenticationMethods any\nMatch User robot\nAuthenticationMethods publickey\nPasswordAuthentication no\n"
            )
        },
        Sickness(
            SSHDCheck(), .warning, "\"AuthenticationMethods keyboard-interactive\" holds for \"Match Group ops\""
        ) {
            try $0.folder.write("etc/pam.d/sshd", "auth required pam_duet.so\n")
            try $0.folder.write(
                "etc/ssh/sshd_config",
                "AuthenticationMethods publickey,keyboard-interactive\nMatch Group ops\n"
                    + "AuthenticationMethods keyboard-interactive\n")
        },
        Sickness(SocketCheck(), .failure, "nobody listens") { try $0.folder.remove("run/duet/login.sock") },
        Sickness(SocketCheck(), .failure, "is no socket") {
            try $0.folder.remove("run/duet/login.sock")
            try $0.folder.write("run/duet/login.sock", "")
        },
        Sickness(SocketCheck(), .warning, "can be used by others") { $0.chmod("run/duet/login.sock", to: 0o666) },
        Sickness(SocketCheck(), .failure, "is not root's alone") { $0.chmod("run/duet", to: 0o777) },
        Sickness(SocketCheck(), .failure, "duetd is not running") { _ in },
        Sickness(DaemonUserCheck(), .warning, "there is none") {
            try $0.folder.write("etc/passwd", "root:x:0:0::/root:/bin/sh\n")
        },
        Sickness(DaemonUserCheck(), .failure, "duet is root") {
            try $0.folder.write("etc/passwd", "duet:x:0:0::/root:/bin/sh\n")
        },
        Sickness(DaemonUserCheck(), .failure, "alice could pass for the daemon") {
            try $0.folder.write("etc/passwd", "duet:x:990:1::/:/bin/false\nalice:x:990:1::/:/bin/sh\n")
        },
        Sickness(DaemonUserCheck(), .warning, "has a shell") {
            try $0.folder.write("etc/passwd", "duet:x:990:1::/:/bin/sh\n")
        },
        Sickness(ConfigurationCheck(), .failure, "there is no ") { try $0.folder.remove("etc/duet/duet.toml") },
        Sickness(ConfigurationCheck(), .failure, "does not stand") { try $0.configure("[login]\nfial = \"open\"\n") },
        Sickness(ConfigurationCheck(), .warning, "fails open for logins over the network") {
            try $0.configure("[login]\nfail = \"open\"\n")
        },
        Sickness(FileModesCheck(), .failure, "can be changed by others than root") {
            $0.chmod("etc/duet/duet.toml", to: 0o666)
        },
        Sickness(FileModesCheck(), .failure, "cannot be read by the user duet, as whom duetd runs (mode 0600)") {
            $0.chmod("etc/duet/duet.toml", to: 0o600)
        },
        Sickness(FileModesCheck(), .failure, "secret_key can be read by others (mode 0640)") { host in
            try host.configure("", SickHost.configuration.replacing("SECRET", with: "credential:secret_key"))
            host.chmod("etc/duet/secret_key", to: 0o640)
        },
        Sickness(FileModesCheck(), .failure, "can be read by others (mode 0644)") {
            $0.chmod("etc/duet/secret_key", to: 0o644)
        },
        Sickness(FileModesCheck(), .failure, "secret_key is not there") { try $0.folder.remove("etc/duet/secret_key") },
        Sickness(CredentialCheck(), .failure, "secret_key has changed since duetd started") { host in
            try host.configure("", SickHost.configuration.replacing("SECRET", with: "credential:secret_key"))
            try host.folder.write(
                "run/credentials/duetd.service/secret_key", String(repeating: "o", count: 40) + "\n", mode: 0o600)
        },
        Sickness(CredentialCheck(), .ok, "duetd has the secrets that lie in /etc/duet") { host in
            // A pipe, which nobody fills, is no secret, and not waited for.
            try host.configure("", SickHost.configuration.replacing("SECRET", with: "credential:secret_key"))
            try host.folder.write("run/credentials/duetd.service/secret_key", "x\n", mode: 0o600)
            unlink(host.folder.path + "/etc/duet/secret_key")
            mkfifo(host.folder.path + "/etc/duet/secret_key", 0o600)
        },
        Sickness(CredentialCheck(), .ok, "duetd has the secrets that lie in /etc/duet") { host in
            try host.configure("", SickHost.configuration.replacing("SECRET", with: "credential:secret_key"))
            try host.folder.write(
                "run/credentials/duetd.service/secret_key", "abcdefghijklmnopqrstuvwxyz0123456789ABCD\n", mode: 0o600)
        },
        Sickness(AuthoritiesCheck(), .failure, "holds no certificate") { host in
            try host.configure(ca: try host.folder.write("empty.pem", ""))
        },
        Sickness(DuoCheck(), .failure, "DUET-102 No connection to localhost:1") { _ in },
        Sickness(DuoCheck(), .failure, "DUET-101 The name no-such-host.invalid cannot be looked up") { host in
            try host.configure("", SickHost.configuration.replacing("localhost:1", with: "no-such-host.invalid"))
        },
        Sickness(StoreCheck(), .failure, "is not private") { host in
            try host.folder.write("run/duetd/x", "")
            host.chmod("run/duetd", to: 0o755)
        },
        Sickness(StoreCheck(), .failure, "is no database") { host in
            try host.folder.write("run/duetd/memory.sqlite", "garbage", mode: 0o600)
            host.chmod("run/duetd", to: 0o700)
        },
        Sickness(StoreCheck(), .failure, "is not the daemon's alone") { host in
            try host.folder.write("run/duetd/memory.sqlite", "", mode: 0o644)
            host.chmod("run/duetd", to: 0o700)
        },
        Sickness(StoreCheck(), .warning, "damaged file was moved aside") { host in
            try host.folder.write("run/duetd/memory.sqlite.aside", "", mode: 0o600)
            host.chmod("run/duetd", to: 0o700)
        },
        Sickness(DenialsCheck(), .failure, "1 denial of Duet") {
            try $0.folder.write(
                "var/log/audit/audit.log",
                "type=AVC msg=audit(1.1:1): avc:  denied  { connectto } comm=\"sshd\" path=\"/run/duet/login.sock\"\n")
        },
        Sickness(DenialsCheck(), .failure, "apparmor=\"DENIED\"") {
            try $0.folder.remove("var/log/audit/audit.log")
            try $0.folder.write(
                "usr/bin/journalctl",
                "#!/bin/sh\necho 'audit: apparmor=\"DENIED\" operation=\"connect\" name=\"/run/duet/login.sock\"'\n",
                mode: 0o755)
        },
        Sickness(DenialsCheck(), .skipped, "neither the audit log nor the journal") {
            try $0.folder.remove("var/log/audit/audit.log")
        },
        Sickness(OutageCheck(), .warning, "root to sshd over the network: gets in with the first factor alone") {
            try $0.configure("[login]\nfail = \"open\"\n")
        },
        Sickness(OutageCheck(), .warning, "root has no way in while Duo is down") {
            try $0.folder.write("etc/pam.d/login", "auth requisite pam_unix.so\nauth required pam_duet.so\n")
        },
        Sickness(OutageCheck(), .ok, "root to sudo: is refused (rule \"login\")") { _ in },
        Sickness(OutageCheck(), .ok, "root to sudo: is not asked by Duo at all (rule \"free\")") {
            try $0.configure("[[rule]]\nname = \"free\"\naction = \"bypass\"\n")
        },
        Sickness(PendingSetupCheck(), .warning, "is not confirmed") {
            try $0.folder.write("var/lib/duet/setup-backup/pending", "1\n")
        },
    ]

    @Test("Each check sees what is broken, and says how to mend it", arguments: sicknesses)
    func sees(_ sickness: Sickness) async throws {
        let host = try SickHost()
        try sickness.harm(host)
        let findings = await sickness.check.run(host.patient())
        let found = findings.filter { $0.result == sickness.result && $0.text.contains(sickness.words) }
        #expect(!found.isEmpty, "\(findings)")
        for finding in findings where finding.result == .failure || finding.result == .warning {
            #expect(finding.mend?.isEmpty == false, "\(finding)")
        }
        withExtendedLifetime(host) {}
    }

    @Test("A key before PAM is a first factor, and then Duet may stand alone")
    func key() throws {
        let host = try SickHost()
        try host.folder.write("etc/pam.d/sshd", "auth required pam_duet.so\n")
        try host.sshd(["authenticationmethods": "publickey,keyboard-interactive"])
        let findings = PAMStackCheck().run(host.patient()) + SSHDCheck().run(host.patient())
        #expect(findings.allSatisfy { $0.result == .ok }, "\(findings)")
    }

    @Test("The exit code counts failures, 125 at most", arguments: [(0, 0), (3, 3), (125, 125), (400, 125)])
    func exitCode(_ failures: Int, _ code: Int32) {
        let failure = Finding(check: "x", result: .failure, text: "t", mend: "m")
        let warning = Finding(check: "x", result: .warning, text: "t", mend: "m")
        #expect(DoctorReport([warning] + Array(repeating: failure, count: failures)).exitCode == code)
    }

    @Test("The command's exit code and its JSON say the same")
    func json() async throws {
        let host = try SickHost()
        try host.folder.write("etc/pam.d/sudo", "auth required pam_unix.so\nauth required pam_duet.so\n")
        let result = try await Command.duet("doctor", "--json", "--root", host.folder.path)
        let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        #expect((document?["failures"] as? Int).map(Int32.init) == result.status, "\(result)")
        #expect(result.status >= 2, "\(result)")
        let text = try await Command.duet("doctor", "--root", host.folder.path)
        #expect(text.output.contains("FAIL  PAM order") && text.output.contains("→ put pam_duet behind"), "\(text)")
        withExtendedLifetime(host) {}
    }
}
