import Dispatch
import DuetConfiguration
import DuetPolicy
import FoundationEssentials
import Glibc
import Testing

@Suite("Switches")
struct SwitchTests {
    /// A folder with the place of a configuration in it.
    private func withFolder(_ body: (_ configuration: String, _ folder: String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/duet-switch-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder + "/duet.toml", folder)
    }

    private static let boot = "0123456789abcdef0123456789abcdef"

    @Test("A suspension holds until its end, in its boot, and not a millisecond longer")
    func suspension() throws {
        try withFolder { configuration, _ in
            let file = SuspensionSwitch(besideConfiguration: configuration)
            #expect(file.read(bootID: Self.boot, now: .seconds(100)) == .off)
            let suspension = Suspension(bootID: Self.boot, end: 200_000, by: "root")
            try file.write(suspension)
            #expect(file.read(bootID: Self.boot, now: .seconds(100)) == .on(suspension, remaining: .seconds(100)))
            let voids: [(String?, Duration)] = [
                (Self.boot, .seconds(200)), (String(repeating: "f", count: 32), .seconds(100)), (nil, .seconds(100)),
                // Ends later than any may: the boot clock of another machine.
                (Self.boot, .seconds(200 - 25 * 3_600)),
            ]
            for (boot, now) in voids {
                guard case .void = file.read(bootID: boot, now: now) else {
                    Issue.record("\(String(describing: boot)) \(now)")
                    continue
                }
            }
            #expect(try file.remove() && !file.remove())
            #expect(file.read(bootID: Self.boot, now: .seconds(100)) == .off)
        }
    }

    @Test("A file that others could have written is not believed", arguments: [0o666, 0o664, 0o646])
    func others(_ mode: UInt32) throws {
        try withFolder { configuration, folder in
            let file = SuspensionSwitch(besideConfiguration: configuration)
            try file.write(Suspension(bootID: Self.boot, end: 200_000, by: "root"))
            try ManagedUsers(besideConfiguration: configuration).write(["alice"])
            chmod(folder + "/suspended", mode)
            chmod(folder + "/users", mode)
            guard case .void = file.read(bootID: Self.boot, now: .seconds(100)) else {
                Issue.record("believed")
                return
            }
            guard case .unknown = ManagedUsers(besideConfiguration: configuration).read() else {
                Issue.record("believed")
                return
            }
        }
    }

    @Test("Of many changes at once none is lost")
    func atOnce() throws {
        try withFolder { configuration, _ in
            let names = (0..<16).map { ExactName("user\($0)") }
            DispatchQueue.concurrentPerform(iterations: names.count) { index in
                _ = try? ManagedUsers(besideConfiguration: configuration).change { $0.insert(names[index]) }
            }
            #expect(ManagedUsers(besideConfiguration: configuration).read() == .known(Set(names)))
        }
    }

    @Test("A list with CR LF, or with a comment that ends so, means the same names")
    func carriageReturns() throws {
        try withFolder { configuration, folder in
            for text in ["alice\r\nbob\r\n", "# ours\r\nalice\nbob", "# ours\r\nalice\r\nbob\n"] {
                try text.write(toFile: folder + "/users", atomically: true, encoding: .utf8)
                chmod(folder + "/users", 0o644)
                #expect(ManagedUsers(besideConfiguration: configuration).read() == .known(["alice", "bob"]), "\(text)")
            }
        }
    }

    @Test("A link, a folder and nonsense are not believed")
    func nonsense() throws {
        try withFolder { configuration, folder in
            let file = SuspensionSwitch(besideConfiguration: configuration)
            for text in ["", "{}", "on", "{\"bootID\":1}"] {
                try text.write(toFile: folder + "/suspended", atomically: true, encoding: .utf8)
                chmod(folder + "/suspended", 0o600)
                guard case .void = file.read(bootID: Self.boot, now: .zero) else {
                    Issue.record("\(text)")
                    continue
                }
            }
            unlink(folder + "/suspended")
            symlink("/etc/passwd", folder + "/suspended")
            guard case .void = file.read(bootID: Self.boot, now: .zero) else {
                Issue.record("a link")
                return
            }
        }
    }

    @Test("The list of users keeps what was written, and a missing one is empty")
    func users() throws {
        try withFolder { configuration, _ in
            let list = ManagedUsers(besideConfiguration: configuration)
            #expect(list.read() == .known([]))
            try list.write(["bob", "alice"])
            #expect(list.read() == .known(["alice", "bob"]))
            try list.write([])
            #expect(list.read() == .known([]))
        }
    }

    @Test(
        "A boot has one id, with dashes or without",
        arguments: [
            "0123456789ABCDEF0123456789abcdef", "01234567-89ab-cdef-0123-456789abcdef\n",
        ])
    func bootID(_ text: String) {
        #expect(BootID.current(named: text) == Self.boot)
        #expect(BootID.current(named: "no")?.count == 32)
    }
}
