import ArgumentParser
import DuetCommandLine
import DuetConfiguration
import FoundationEssentials
import Glibc
import Secrets

/// `duet migrate`: a duo_unix configuration as a duet.toml.
struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn a configuration of duo_unix into one of Duet.",
        discussion: """
            Changes nothing of duo_unix. Without --output the configuration goes to standard output, and no secret anywhere. \
            With it the secret key goes into a file "secret_key" beside it, mode 0600. Exit code: 0 it means the same, 1 a \
            person should read the remarks, 2 it does not stand or could not be written.
            """)

    private static let sizeCap = 1 << 20

    @Argument(help: "The configuration of pam_duo or login_duo.")
    var file = "/etc/duo/pam_duo.conf"

    @Option(help: "Where to write; must not exist.")
    var output: String?

    func run() throws {
        errno = 0
        guard let data = FileManager.default.contents(atPath: file) else {
            return try give(up: "cannot read \(file): \(String(cString: strerror(errno == 0 ? EISDIR : errno)))")
        }
        guard data.count <= Self.sizeCap, let text = String(validating: data, as: UTF8.self) else {
            return try give(up: "\(file) is larger than 1 MiB or not UTF-8")
        }
        let old = DuoUnixFile(text, isOfLoginDuo: file.split(separator: "/").last?.contains("login_duo") == true)
        var surroundings = Migration.Surroundings(
            source: file.plain, secretKeyFile: isForThisHost ? "credential:secret_key" : beside("secret_key"),
            proxyFile: beside("proxy"),
            groups: HostNames.groups, mapFile: nil)
        var migration = Migration(old, surroundings)
        if migration.gecos != nil, try isRefused(migration.text) {
            surroundings.mapFile = beside("names")
            migration = Migration(old, surroundings)
        }
        guard let output else {
            print(migration.text, terminator: "")
            say(migration.remarks)
            Terminal.warn("duet: no secret is shown: --output writes the configuration, and the secret key beside it")
            if !migration.remarks.isEmpty { try ExitStatus.degraded.exit() }
            return
        }
        do throws(NewFile.Failure) {
            try write(migration, old, to: output, mapFile: surroundings.mapFile)
        } catch {
            return try give(up: error.sentence)
        }
        say(migration.remarks)
        let report = ConfigCheckReport(path: output)
        print(report.text)
        guard report.status != .down else { return try ExitStatus.down.exit() }
        if !migration.remarks.isEmpty { try ExitStatus.degraded.exit() }
    }

    /// Where duetd looks for it: systemd, which reads as root, hands it the key then.
    private var isForThisHost: Bool { beside("duet.toml") == Configuration.defaultPath }

    /// Whom the daemon reads a file as; nil leaves it to whoever runs this.
    private var daemon: (uid: uid_t, gid: gid_t)? {
        guard geteuid() == 0, let entry = getpwnam("duet") else { return nil }
        return (entry.pointee.pw_uid, entry.pointee.pw_gid)
    }

    /// Where a file of its own lies: beside the output, or where the output will be installed.
    private func beside(_ name: String) -> String {
        guard let output else { return "/etc/duet/\(name)" }
        let path = output.hasPrefix("/") ? output : FileManager.default.currentDirectoryPath + "/" + output
        return path[..<(path.lastIndex(of: "/") ?? path.startIndex)] + "/" + name
    }

    /// Whether Duet would not let GECOS decide as the old file did: what a user may change is refused.
    private func isRefused(_ text: String) throws -> Bool {
        let path = FileManager.default.temporaryDirectory.path + "/duet-migrate-\(UInt64.random(in: 0 ... .max)).toml"
        try NewFile(path: path, content: Array(text.utf8), mode: 0o600).write(replaces: false)
        defer { unlink(path) }
        do throws(ConfigurationError) {
            _ = try Configuration.policy(path: path)
            return false
        } catch {
            return error.problems.contains { $0.message.contains("gecos") }
        }
    }

    private func write(
        _ migration: Migration, _ old: DuoUnixFile, to output: String, mapFile: String?
    ) throws(NewFile.Failure) {
        if access(output, F_OK) == 0 { throw NewFile.Failure(path: output, code: EEXIST) }
        if let key = old.secretKey {
            let content = key.withBytes(Array.init) + [UInt8(ascii: "\n")]
            let owner = isForThisHost && Host(root: "/").isSystemd ? nil : daemon
            try NewFile(path: beside("secret_key"), content: content, mode: 0o600, owner: owner).write(replaces: false)
        }
        if migration.proxyHasPassword, let proxy = old.proxy {
            let content = proxy.withBytes(Array.init) + [UInt8(ascii: "\n")]
            try NewFile(path: beside("proxy"), content: content, mode: 0o600, owner: daemon).write(replaces: false)
        }
        if let mapFile, let gecos = migration.gecos {
            let (map, leftOut) = HostNames.duoNames(field: gecos.field, delimiter: gecos.delimiter)
            var lines = ["# A Unix name and the name at Duo. Who is not here is refused."]
            lines += map.map { "\($0.user) \($0.name)" }
            lines += leftOut.map { "# \($0): a name with a space or a # cannot stand here" }
            let content = Array((lines.joined(separator: "\n") + "\n").utf8)
            try NewFile(path: mapFile, content: content, mode: 0o644).write(replaces: false)
        }
        // No secret is in it, and the daemon has to read it.
        try NewFile(path: output, content: Array(migration.text.utf8), mode: 0o644).write(replaces: false)
    }

    private func say(_ remarks: [String]) {
        for remark in remarks { Terminal.warn("duet: \(remark)") }
    }

    private func give(up sentence: String) throws {
        Terminal.warn("duet: \(sentence)")
        try ExitStatus.down.exit()
    }
}
