import Foundation
import Glibc

@testable import duet

/// A host in a folder on which everything is well, for a test to break one thing of.
final class SickHost {
    static let configuration = """
        [duo]
        integration_key = "DIXXXXXXXXXXXXXXXXXX"
        secret_key_file = "SECRET"
        api_host = "localhost:1"
        ca_file = "CA"

        """
    static let sshd: [String: String] = [
        "usepam": "yes", "kbdinteractiveauthentication": "yes", "passwordauthentication": "no",
        "pubkeyauthentication": "yes", "authenticationmethods": "keyboard-interactive", "logingracetime": "120",
    ]

    let folder: TemporaryFolder
    private var listeners: [Int32] = []

    init() throws {
        folder = try TemporaryFolder()
        let secret = try folder.write("etc/duet/secret_key", "abcdefghijklmnopqrstuvwxyz0123456789ABCD\n", mode: 0o600)
        try configure()
        _ = secret
        let password = "auth requisite pam_unix.so\nauth required pam_duet.so\n"
        try folder.write("etc/pam.d/sshd", password)
        try folder.write("etc/pam.d/sudo", password)
        try folder.write("etc/pam.d/login", "auth requisite pam_unix.so\n")
        try folder.write("etc/sudoers", "Defaults timestamp_timeout=0\nroot ALL=(ALL) ALL\n", mode: 0o440)
        try folder.write(
            "etc/passwd",
            "root:x:0:0::/root:/bin/sh\nduet:x:990:990::/:/usr/sbin/nologin\nalice:x:1000:1000::/:/bin/sh\n")
        try folder.write(
            "var/log/audit/audit.log", "type=AVC msg=audit(1.1:1): avc:  denied  { read } comm=\"other\"\n")
        try sshd([:])
        let module = Self.repository + "/pam/build/pam_duet.so"
        if FileManager.default.fileExists(atPath: module) {
            try FileManager.default.createDirectory(
                atPath: folder.path + "/lib/security", withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: module, toPath: folder.path + "/lib/security/pam_duet.so")
        }
        try listen("run/duet/login.sock")
    }

    deinit { for listener in listeners { close(listener) } }

    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static var hasModule: Bool { FileManager.default.fileExists(atPath: repository + "/pam/build/pam_duet.so") }

    func patient() -> Patient { Patient(host: Host(root: folder.path), configurationPath: nil, user: nil) }

    /// `more` behind [duo].
    func configure(_ more: String = "", _ text: String = configuration, ca: String? = nil) throws {
        let whole = text.replacing("SECRET", with: folder.path + "/etc/duet/secret_key")
            .replacing("CA", with: ca ?? Self.repository + "/etc/duo-ca.pem")
        try folder.write("etc/duet/duet.toml", whole + more)
    }

    /// An sshd that says what is in force, changed by `changes`.
    func sshd(_ changes: [String: String], version: String = "OpenSSH_9.2p1") throws {
        let lines = Self.sshd.merging(changes) { $1 }.map { "echo '\($0) \($1)'" }.joined(separator: "\n")
        try folder.write(
            "usr/sbin/sshd", "#!/bin/sh\nif [ $1 = -V ]; then echo '\(version)' >&2; exit 0; fi\n\(lines)\n",
            mode: 0o755)
    }

    func listen(_ name: String) throws {
        let path = folder.path + "/" + name
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, Glibc.listen(descriptor, 1) == 0 else { throw POSIXError(.EINVAL) }
        Glibc.chmod(path, 0o600)
        listeners.append(descriptor)
    }

    func chmod(_ name: String, to mode: mode_t) { _ = Glibc.chmod(folder.path + "/" + name, mode) }
}
