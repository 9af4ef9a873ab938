import FoundationEssentials
import Glibc
import Testing

@testable import DuetDaemon

@Suite("Local accounts")
struct LocalAccountsTests {
    private let path = "/tmp/duet-passwd-\(UInt64.random(in: 0 ... .max))"

    /// Writes the file as of an hour ago and `age` seconds.
    private func write(_ text: String, age: Int = 0) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
        let time = timespec(tv_sec: time(nil) - 3_600 - age, tv_nsec: 0)
        #expect(utimensat(AT_FDCWD, path, [time, time], 0) == 0)
    }

    private func line(_ name: String, _ uid: Int) -> String { "\(name):x:\(uid):\(uid)::/home:/bin/sh\n" }

    @Test("An account is what the file says at this moment, however often it was asked for")
    func current() throws {
        defer { unlink(path) }
        let accounts = LocalAccounts(path: path, settling: .zero)
        #expect(accounts.account(named: "alice") == nil)
        try write(line("alice", 1_000))
        for _ in 0..<3 {
            #expect(accounts.account(named: "alice")?.uid == 1_000)
            #expect(accounts.account(uid: 1_000)?.name == "alice")
            #expect(accounts.account(named: "bob") == nil)
        }
        // Of the same length: only the times tell.
        try write(line("alice", 2_000), age: 1)
        #expect(accounts.account(named: "alice")?.uid == 2_000)
        #expect(accounts.account(uid: 1_000) == nil)
        try write(line("alice", 2_000) + line("bob", 2_001), age: 2)
        #expect(accounts.account(named: "bob")?.uid == 2_001)
        #expect(unlink(path) == 0)
        #expect(accounts.account(named: "alice") == nil)
    }

    @Test("A file that has just been changed is read each time")
    func unsettled() throws {
        defer { unlink(path) }
        let accounts = LocalAccounts(path: path)
        for uid in 1_000..<1_100 {
            // Many of these within one tick of the file system's clock.
            try Data(line("alice", uid).utf8).write(to: URL(filePath: path))
            #expect(accounts.account(named: "alice")?.uid == uid_t(uid))
        }
    }

    @Test("Names are compared byte by byte")
    func bytes() throws {
        defer { unlink(path) }
        try write(line("caf\u{E9}", 1_000))
        let accounts = LocalAccounts(path: path)
        #expect(accounts.account(named: "cafe\u{301}") == nil)
        #expect(accounts.account(named: "caf\u{E9}")?.uid == 1_000)
    }
}
