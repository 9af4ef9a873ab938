import Foundation
import Testing

@testable import duet

@Suite("What duet setup writes into files", .serialized)
struct SetupEditTests {
    private static let debian = """
        auth\t[success=1 default=ignore]\tpam_unix.so nullok
        auth\trequisite\t\t\tpam_deny.so
        auth\trequired\t\t\tpam_permit.so

        """

    private func edit(
        _ text: String, _ firstFactor: ServiceEdit.FirstFactor = .asItIs
    ) throws -> Result<String?, ServiceEdit.Refusal> {
        let folder = try TemporaryFolder()
        try folder.write("etc/pam.d/common-auth", Self.debian)
        try folder.write("etc/pam.d/password-auth", "auth sufficient pam_unix.so\nauth required pam_deny.so\n")
        try folder.write("etc/pam.d/common-account", "account required pam_unix.so\n")
        try folder.write("etc/pam.d/test", text)
        let edit = ServiceEdit(service: "test", host: Host(root: folder.path), firstFactor: firstFactor)
        do throws(ServiceEdit.Refusal) {
            return .success(try edit.newText())
        } catch {
            return .failure(error)
        }
    }

    @Test("Duet comes in one marked block behind the password, and the rest stays byte for byte")
    func behind() throws {
        let text = "#%PAM-1.0\n\n@include common-auth\n@include common-account\n"
        let expected = """
            #%PAM-1.0

            @include common-auth
            # BEGIN duet
            auth       required     pam_duet.so
            # END duet
            @include common-account

            """
        #expect(try edit(text).get() == expected)
    }

    @Test("A password line that would go on to Duet after a wrong password is made requisite, and kept as a comment")
    func requisite() throws {
        for control in ["required", "sufficient", "[success=1 default=ignore]"] {
            let text = try #require(
                try edit("auth \(control) pam_unix.so nullok\naccount required pam_unix.so\n").get())
            #expect(
                text.contains("# was: auth \(control) pam_unix.so nullok\nauth       requisite    pam_unix.so nullok\n")
            )
        }
    }

    @Test("With keys as the first factor PAM asks for Duet alone")
    func key() throws {
        let text = try #require(try edit("@include common-auth\naccount required pam_nologin.so\n", .key).get())
        let expected = """
            # BEGIN duet
            # was: @include common-auth
            auth       required     pam_duet.so
            # END duet
            account required pam_nologin.so

            """
        #expect(text == expected)
    }

    @Test("A service that asks Duet already is left alone")
    func again() throws {
        #expect(try edit("auth requisite pam_unix.so\nauth required pam_duet.so\n").get() == nil)
    }

    @Test("What cannot be changed safely is refused")
    func refused() throws {
        #expect(throws: ServiceEdit.Refusal.noPassword) { try edit("auth required pam_permit.so\n").get() }
        // libpam goes on behind a substack that failed.
        #expect(throws: ServiceEdit.Refusal.fault(.pushAfterWrongPassword)) {
            try edit("auth substack password-auth\n").get()
        }
    }

    @Test("sshd's block comes first, because sshd takes the first value that it meets")
    func sshd() throws {
        let folder = try TemporaryFolder()
        try folder.write("etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication yes\n")
        let host = Host(root: folder.path)
        let text = try #require(try SSHDEdit(host: host, firstFactor: .key).newText())
        #expect(text.hasPrefix("# BEGIN duet\nUsePAM yes\n"))
        #expect(text.contains("AuthenticationMethods publickey,keyboard-interactive\n# END duet\nInclude "))
        try folder.write("etc/ssh/sshd_config", text)
        #expect(try SSHDEdit(host: host, firstFactor: .key).newText() == nil)
    }

    @Test("PAM is not left to ask Duet alone where sshd_config does not ask for the key")
    func sshdThatDoesNotAsk() throws {
        let folder = try TemporaryFolder()
        let host = Host(root: folder.path)
        try folder.write("etc/pam.d/sshd", "auth requisite pam_unix.so\n")
        let plan = { (first: ServiceEdit.FirstFactor) throws(SetupPlan.Failure) in
            try SetupPlan(host: host, services: ["sshd"], sshFirstFactor: first, module: "pam_duet.so")
        }
        // As where /usr/etc/ssh/sshd_config is the one that is there.
        #expect(throws: SetupPlan.Failure.self) { try plan(.key) }
        // An earlier setup's, for passwords: with it Duet would be the only factor.
        try folder.write(
            "etc/ssh/sshd_config",
            try #require(
                try { () throws -> String? in
                    try folder.write("etc/ssh/sshd_config", "Port 22\n")
                    return try SSHDEdit(host: host, firstFactor: .asItIs).newText()
                }()))
        #expect(throws: SetupPlan.Failure.self) { try plan(.key) }
        #expect(try plan(.asItIs).changes.map(\.path) == ["/etc/pam.d/sshd"])
        // PAM asks Duet alone, as behind a key: with passwords nothing would be asked before it.
        try folder.write("etc/pam.d/sshd", "auth required pam_duet.so\n")
        #expect(throws: SetupPlan.Failure.self) { try plan(.asItIs) }
        try folder.write("etc/pam.d/sshd", "auth requisite pam_unix.so\n")
        // A block that is not at the top is not in force.
        let block = try folder.read("etc/ssh/sshd_config")
        try folder.write("etc/ssh/sshd_config", "AuthenticationMethods any\n" + block)
        #expect(throws: SetupPlan.Failure.self) { try plan(.asItIs) }
        try folder.write("etc/ssh/latin", "Port 22\n")
        try folder.remove("etc/ssh/sshd_config")
        symlink("latin", folder.path + "/etc/ssh/sshd_config")
        #expect(throws: SetupPlan.Failure.self) { try plan(.key) }
    }

    @Test("A link is not saved, so that it is not replaced by a file with a link's mode: everybody may write that")
    func link() throws {
        let folder = try TemporaryFolder()
        try folder.write("etc/elsewhere", "secret\n", mode: 0o600)
        try folder.write("var/lib/x", "")
        symlink("elsewhere", folder.path + "/etc/secret_key")
        var backup = try SetupBackup(host: Host(root: folder.path))
        #expect(throws: SetupBackup.Failure.self) { try backup.save("/etc/secret_key") }
        #expect(backup.isEmpty)
    }

    @Test("Bytes that are no UTF-8 are not written back as something else")
    func notUTF8() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("etc/pam.d/test", "")
        let bytes = Array("# fran".utf8) + [0xE7] + Array("ais\nauth requisite pam_unix.so\n".utf8)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect(throws: ServiceEdit.Refusal.notUTF8) {
            try ServiceEdit(service: "test", host: Host(root: folder.path)).newText()
        }
    }

    @Test("A password line over several lines is not taken apart")
    func continued() throws {
        for first in [ServiceEdit.FirstFactor.asItIs, .key] {
            #expect(throws: ServiceEdit.Refusal.continued) {
                try edit("auth requisite \\\n  pam_unix.so nullok\naccount required pam_unix.so\n", first).get()
            }
        }
    }

    @Test("Who gets in beside Duet by a condition is named before anything is changed")
    func beside() throws {
        let folder = try TemporaryFolder()
        try folder.write("etc/pam.d/su", "auth sufficient pam_wheel.so trust\nauth requisite pam_unix.so\n")
        let plan = try SetupPlan(
            host: Host(root: folder.path), services: ["su"], sshFirstFactor: .asItIs, module: "pam_duet.so")
        #expect(plan.warnings.contains { $0.contains("Duet is not asked where this holds: pam_wheel trust") })
        try folder.write("etc/pam.d/su", "auth requisite pam_unix.so\nauth optional pam_duet.so\n")
        let done = try SetupPlan(
            host: Host(root: folder.path), services: ["su"], sshFirstFactor: .asItIs, module: "pam_duet.so")
        #expect(done.done == ["su"] && done.warnings.contains { $0.contains("Duet's refusal is lost") })
    }

    @Test("A way back that fails in the middle is not forgotten, and the next one ends it")
    func halfUndone() throws {
        let folder = try TemporaryFolder()
        try folder.write("etc/pam.d/sudo", "old\n")
        try folder.write("var/lib/x", "")
        let host = Host(root: folder.path)
        var backup = try SetupBackup(host: host)
        try backup.save("/etc/pam.d/sudo")
        try backup.save("/etc/pam.d/new")
        try backup.arm("0-x")
        try folder.write("etc/pam.d/sudo", "duet\n")
        // A folder, which cannot be unlinked.
        try folder.write("etc/pam.d/new/file", "")
        #expect(throws: SetupBackup.Failure.self) { try backup.undo() }
        #expect(backup.pending == "0-x")
        #expect(try folder.read("etc/pam.d/sudo") == "duet\n")
        _ = unlink(folder.path + "/etc/pam.d/new/file")
        _ = rmdir(folder.path + "/etc/pam.d/new")
        try SetupUndo(host: host).run(token: "0-x", after: nil)
        #expect(try folder.read("etc/pam.d/sudo") == "old\n")
        #expect(try SetupBackup(host: host).pending == nil)
    }

    @Test("A run that fails or is not confirmed puts back what it has changed itself, and an earlier one stays")
    func secondRun() throws {
        let folder = try TemporaryFolder()
        try folder.write("etc/pam.d/sudo", "old\n")
        try folder.write("etc/pam.d/su", "old\n")
        try folder.write("var/lib/x", "")
        let host = Host(root: folder.path)
        for (isUndone, token) in [(true, nil), (true, "1-x"), (false, nil)] as [(Bool, String?)] {
            try folder.write("etc/pam.d/sudo", "old\n")
            var first = try SetupBackup(host: host)
            try first.save("/etc/pam.d/sudo")
            try folder.write("etc/pam.d/sudo", "duet\n")
            var second = try SetupBackup(host: host)
            try second.save("/etc/pam.d/su")
            try second.save("/etc/pam.d/sudo")
            try folder.write("etc/pam.d/su", "duet\n")
            try folder.write("etc/pam.d/sudo", "duet, otherwise\n")
            if let token {
                try second.arm(token)
                try SetupUndo(host: host).run(token: token, after: nil)
            } else if isUndone {
                try second.undo(keeping: second.base)
            }
            #expect(try folder.read("etc/pam.d/sudo") == (isUndone ? "duet\n" : "duet, otherwise\n"))
            #expect(try folder.read("etc/pam.d/su") == (isUndone ? "old\n" : "duet\n"))
            try SetupUndo(host: host).run(token: nil, after: nil)
            #expect(try folder.read("etc/pam.d/sudo") == "old\n")
            #expect(try folder.read("etc/pam.d/su") == "old\n")
            #expect(try SetupBackup(host: host).isEmpty)
        }
    }

    @Test(
        "A change is shown as diff -u shows it",
        arguments: [
            ("a\nb\n", "a\nb\n", ""),
            ("a\nb\nc\n", "a\nx\nc\n", "--- f\n+++ f\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"),
            ("1\n2\n3\n4\n5\n6\n", "0\n1\n2\n3\n4\n5\n6\n", "--- f\n+++ f\n@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n"),
        ])
    func diff(_ old: String, _ new: String, _ expected: String) {
        #expect(UnifiedDiff.text(path: "f", old: old, new: new) == expected)
    }

    @Test("What was saved is put back byte for byte, with its mode, and what was not there is removed")
    func backup() throws {
        let folder = try TemporaryFolder()
        try folder.write("etc/pam.d/sudo", "no newline at the end", mode: 0o640)
        try folder.write("var/lib/x", "")
        let host = Host(root: folder.path)
        var backup = try SetupBackup(host: host)
        try backup.save("/etc/pam.d/sudo")
        try backup.save("/etc/new")
        try folder.write("etc/pam.d/sudo", "changed\n", mode: 0o666)
        try folder.write("etc/new", "new\n")
        // A second run keeps the oldest content.
        var second = try SetupBackup(host: host)
        try second.save("/etc/pam.d/sudo")
        try second.undo()
        #expect(try folder.read("etc/pam.d/sudo") == "no newline at the end")
        #expect(folder.mode("etc/pam.d/sudo") == 0o640)
        #expect(folder.mode("etc/new") == nil)
        #expect(try SetupBackup(host: host).isEmpty)
        #expect(folder.mode("var/lib/duet/setup-backup") == 0o700)
    }

    @Test(
        "Where others cannot be asked, --yes says what it needs", arguments: [[String](), ["--integration-key", "DI"]])
    func yes(_ more: [String]) async throws {
        let folder = try TemporaryFolder()
        let result = try await Command.duet(["setup", "--yes", "--root", folder.path] + more)
        #expect(result.status == 2, "\(result)")
        #expect(result.error.contains("--yes needs --"), "\(result)")
    }

    @Test("Where duo_unix would go on asking nothing is changed")
    func duoUnix() throws {
        let folder = try TemporaryFolder()
        let lines =
            "auth [success=1 default=ignore] pam_duo.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n"
        try folder.write("etc/pam.d/common-auth", "auth requisite pam_unix.so\n" + lines)
        try folder.write("etc/pam.d/sudo", "@include common-auth\n")
        try folder.write("etc/pam.d/su", lines)
        let host = Host(root: folder.path)
        for (service, place) in [("sudo", "/etc/pam.d/common-auth:2"), ("su", "/etc/pam.d/su:1")] {
            do throws(SetupPlan.Failure) {
                _ = try SetupPlan(host: host, services: [service], sshFirstFactor: .asItIs, module: "pam_duet.so")
                Issue.record("\(service) was planned")
            } catch {
                #expect(error.sentence.contains("asks duo_unix (\(place))"), "\(error)")
            }
        }
    }
}
