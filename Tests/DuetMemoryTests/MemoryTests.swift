import FoundationEssentials
import Glibc
import Testing

@testable import DuetMemory

@Suite struct MemoryTests {
    private let folder: TestFolder
    private let memory: Memory
    private let store: DecisionStore
    private let budget: PushBudget

    init() throws {
        folder = try TestFolder()
        memory = folder.memory()
        store = DecisionStore(memory)
        budget = PushBudget(memory)
    }

    private func mode(_ path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    private func write(_ bytes: [UInt8], to path: String) {
        _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
        chmod(path, 0o600)
    }

    @Test("The folder is made 0700 and the files 0600, whatever the umask")
    func modes() {
        let path = folder.path + "/deeper"
        let memory = Memory(folder: path, bootID: "b") { _ in }
        let store = DecisionStore(memory)
        #expect(store.remember(.alice, begun: .zero).isRemembered)
        #expect(mode(path) == 0o700)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            #expect(mode(path + "/" + name) == 0o600, "\(name)")
        }
    }

    @Test("A folder that others may use is not used", arguments: [0o755, 0o770, 0o707] as [mode_t])
    func openFolder(mode: mode_t) {
        chmod(folder.path, mode)
        #expect(store.remember(.alice) == .notRemembered(.storeFails(.folderNotPrivate(folder.path))))
        #expect(store.lookUp(.alice) == nil)
        #expect(budget.charge(.alice).stop == .storeFails(.folderNotPrivate(folder.path)))
        #expect(folder.events == [.failing(.folderNotPrivate(folder.path))])
        chmod(folder.path, 0o700)
        #expect(store.remember(.alice).isRemembered)
        #expect(folder.events.last == .recovered)
    }

    @Test("A folder that is a link or a file is not used, and one that cannot be made is no allow")
    func noFolder() {
        symlink(folder.path, folder.path + "/link")
        write([], to: folder.path + "/file")
        for name in ["link", "file", "missing/folder"] {
            let memory = Memory(folder: folder.path + "/" + name, bootID: "b") { _ in }
            #expect(DecisionStore(memory).remember(.alice, begun: .zero).isRemembered == false)
            #expect(DecisionStore(memory).lookUp(.alice) == nil)
            #expect(PushBudget(memory).charge(.alice).charge == nil)
        }
    }

    @Test(
        "A file that others could have written is moved aside (rule 2)", arguments: [0o666, 0o644, 0o620] as [mode_t])
    func openFile(mode: mode_t) {
        #expect(store.remember(.alice).isRemembered)
        memory.close()
        chmod(folder.file, mode)
        #expect(store.lookUp(.alice) == nil)
        #expect(store.remember(.alice).isRemembered)
        #expect(self.mode(folder.file + ".aside") == mode && self.mode(folder.file) == 0o600)
    }

    @Test("A link in the place of the file is not followed (rule 2)")
    func link() throws {
        let elsewhere = try TestFolder()
        let other = elsewhere.memory()
        #expect(DecisionStore(other).remember(.alice).isRemembered)
        other.close()
        symlink(elsewhere.file, folder.file)
        #expect(store.lookUp(.alice) == nil)
        #expect(store.remember(.alice).isRemembered)
    }

    /// What may lie in the place of the file.
    private static let damages: [[UInt8]] = [
        Array(
            "not a database at all, but long enough to be taken for one: 0123456789012345678901234567890123456789".utf8),
        [UInt8](repeating: 0, count: 8_192), [UInt8](repeating: 0xFF, count: 100_000),
        Array("SQLite format 3\0".utf8),
    ]

    @Test("A file that is no database is moved aside, told once, and a new one made (rule 2)", arguments: damages)
    func noDatabase(bytes: [UInt8]) {
        write(bytes, to: folder.file)
        #expect(store.lookUp(.alice) == nil)
        #expect(store.remember(.alice).isRemembered)
        #expect(store.lookUp(.alice) != nil)
        #expect(folder.events == [.failing(.corrupt), .recovered])
        #expect(FileManager.default.contents(atPath: folder.file + ".aside").map { Array($0) } == bytes)
    }

    @Test("Damage anywhere in the file allows nobody who was not allowed, and heals", arguments: 0..<24)
    func damaged(seed: Int) throws {
        for number in 1...200 as ClosedRange<UInt32> { _ = store.remember(.other(number)) }
        memory.close()
        var bytes = Array(try #require(FileManager.default.contents(atPath: folder.file)))
        // A page that is not what it was: its header, a stretch of noise, or cut off there.
        let page = (seed % 8) * bytes.count / 8 / 4_096 * 4_096
        switch seed / 8 {
        case 0: for index in page..<page + 16 { bytes[index] = 0x5A }
        case 1: for index in page + 512..<page + 3_000 { bytes[index] = UInt8(truncatingIfNeeded: index &* 197 + seed) }
        default: bytes.removeSubrange((page + 100)...)
        }
        write(bytes, to: folder.file)
        let next = folder.memory()
        for number in 201...260 as ClosedRange<UInt32> {
            #expect(DecisionStore(next).lookUp(.other(number)) == nil)
        }
        for number in 1...200 as ClosedRange<UInt32> { _ = DecisionStore(next).lookUp(.other(number)) }
        #expect(DecisionStore(next).remember(.alice).isRemembered)
        #expect(DecisionStore(next).lookUp(.alice) != nil)
        #expect(PushBudget(next).charge(.alice).charge != nil)
    }

    @Test("Damage that is met while the daemon runs heals within the same call")
    func damagedWhileOpen() throws {
        #expect(store.remember(.alice).isRemembered)
        try memory.attempt { database, _ in try database.execute("DROP TABLE pushes") }.get()
        #expect(budget.charge(.alice).charge != nil)
        #expect(folder.events == [.failing(.corrupt), .recovered])
        #expect(store.lookUp(.alice) == nil)
    }

    @Test(
        "A file with tables that are not ours is moved aside (rule 2)",
        arguments: [
            "DROP TABLE decisions", "DROP TABLE meta", "DELETE FROM meta",
            "ALTER TABLE decisions RENAME COLUMN key TO k",
            "PRAGMA user_version = 2", "PRAGMA user_version = -1", "PRAGMA user_version = 0",
        ])
    func otherTables(change: String) throws {
        #expect(store.remember(.alice).isRemembered)
        try memory.attempt { database, _ in try database.execute(change) }.get()
        memory.close()
        let next = folder.memory()
        #expect(DecisionStore(next).lookUp(.alice) == nil)
        #expect(DecisionStore(next).remember(.alice).isRemembered)
        #expect(mode(folder.file + ".aside") == 0o600)
    }

    @Test("The log of a file that is gone is not taken for that of the next one")
    func orphanedLog() throws {
        #expect(store.remember(.alice).isRemembered)
        let log = try #require(FileManager.default.contents(atPath: folder.file + "-wal"))
        memory.close()
        unlink(folder.file)
        write(Array(log), to: folder.file + "-wal")
        let next = DecisionStore(folder.memory())
        #expect(next.lookUp(.alice) == nil)
        #expect(next.remember(.alice).isRemembered)
    }

    @Test("A full file means ask again and passcodes only, is told once, and heals")
    func full() throws {
        #expect(store.remember(.alice).isRemembered)
        let key = DecisionKey.other(2).with { $0.ruleFingerprint = [UInt8](repeating: 7, count: 900) }
        // No further page: sooner or later none has room for one more.
        try memory.attempt { database, _ in try database.execute("PRAGMA max_page_count = 1") }.get()
        var result = RememberResult.remembered(id: 0)
        for number in 0..<1_000 as Range<UInt32> where result.isRemembered {
            result = store.remember(key.with { $0.callerUID = number })
        }
        #expect(result == .notRemembered(.storeFails(.full)))
        #expect(memory.trouble == .full)
        #expect(folder.events == [.failing(.full)])
        // The next one opens the file anew, without the limit of the test.
        #expect(store.remember(.other(3)).isRemembered)
        #expect(folder.events == [.failing(.full), .recovered])
        #expect(memory.trouble == nil)
        #expect(store.lookUp(.alice) != nil)
    }

    @Test(
        "After a write that failed nothing is read before one has succeeded: what was denied could not be taken from it (rule 5)"
    )
    func readOnly() throws {
        #expect(store.remember(.alice).isRemembered)
        try memory.attempt { database, _ in try database.execute("PRAGMA query_only = ON") }.get()
        #expect(store.lookUp(.alice) != nil)
        #expect(store.remember(.other(2)) == .notRemembered(.storeFails(.readOnly)))
        #expect(folder.events == [.failing(.readOnly)])
        let seen = memory.look { _, _, _ in true }
        #expect(seen == nil)
        // Asked by a write, which opens the file anew, without the limit of the test.
        #expect(store.lookUp(.alice) != nil)
        #expect(folder.events == [.failing(.readOnly), .recovered])
    }

    @Test("What had to be forgotten and could not is found no more, by this daemon or the next (rule 4)")
    func owed() throws {
        #expect(store.remember(.alice).isRemembered)
        let charge = try #require(budget.charge(.alice).charge)
        try memory.attempt { database, _ in try database.execute("PRAGMA query_only = ON") }.get()
        budget.settle(charge, as: .fraud)
        #expect(store.lookUp(.alice) == nil)
        #expect(budget.charge(.alice).stop == .fraud(remaining: .seconds(3_600)))
        memory.close()
        #expect(DecisionStore(folder.memory()).lookUp(.alice) == nil)
    }

    @Test("A second daemon remembers and finds nothing while the first one runs, and takes over after it (rule 1)")
    func secondDaemon() {
        #expect(store.remember(.alice).isRemembered)
        let second = folder.memory()
        #expect(DecisionStore(second).lookUp(.alice) == nil)
        #expect(DecisionStore(second).remember(.other(2)) == .notRemembered(.storeFails(.inUse)))
        #expect(PushBudget(second).charge(.alice).stop == .storeFails(.inUse))
        #expect(store.lookUp(.alice) != nil)
        memory.close()
        #expect(DecisionStore(second).lookUp(.alice) != nil)
        #expect(folder.events == [.failing(.inUse), .recovered])
    }

    @Test("Many that open one file at once: one gets it, the others ask, nothing breaks")
    func manyOpen() async throws {
        let memories = (0..<8).map { _ in folder.memory() }
        await withTaskGroup { group in
            for (number, memory) in memories.enumerated() {
                group.addTask { _ = DecisionStore(memory).remember(.other(UInt32(number))) }
            }
        }
        for memory in memories { memory.close() }
        #expect(try store.count().get() >= 1)
        #expect(mode(folder.file + ".aside") == nil)
    }

    @Test("A second daemon's kill is owed until it can be written (rule 4)")
    func owedWhileInUse() throws {
        #expect(store.remember(.alice).isRemembered)
        let second = folder.memory()
        guard case .failure(.inUse) = DecisionStore(second).forget(DecisionFilter(user: "alice")) else {
            Issue.record("it cannot have been written")
            return
        }
        memory.close()
        #expect(DecisionStore(second).lookUp(.alice) == nil)
    }

    @Test("Trouble that comes and goes is told once a minute at most")
    func reports() throws {
        for _ in 0..<5 {
            chmod(folder.path, 0o755)
            memory.close()
            memory.open()
            chmod(folder.path, 0o700)
            memory.open()
        }
        #expect(folder.events == [.failing(.folderNotPrivate(folder.path)), .recovered])
        chmod(folder.path, 0o755)
        memory.close()
        memory.open()
        folder.clock.advance(by: .seconds(60))
        memory.open()
        #expect(folder.events.last == .failing(.folderNotPrivate(folder.path)))
    }

    @Test(
        "Every trouble has a sentence",
        arguments: [
            MemoryTrouble.folder("/x", errno: ENOENT), .folderNotPrivate("/x"), .file("/x", errno: EACCES), .corrupt,
            .otherVersion(2), .full, .readOnly, .inUse, .failed(code: 10),
        ])
    func sentences(trouble: MemoryTrouble) {
        #expect(trouble.description.count > 20)
    }
}
