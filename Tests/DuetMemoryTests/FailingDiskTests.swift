import FoundationEssentials
import Glibc
import Testing

@testable import DuetMemory

/// The kernel's own refusals, each in a process of its own.
@Suite struct FailingDiskTests {
    @Test("Where files may not grow, nothing is remembered, nobody gets a push, and a denial still kills")
    func noRoom() async {
        await #expect(processExitsWith: .success) {
            let folder = try TestFolder()
            let memory = folder.memory()
            let (store, budget) = (DecisionStore(memory), PushBudget(memory))
            #expect(store.remember(.alice).isRemembered)
            let charge = try #require(budget.charge(.alice).charge)
            try limitFileSize(to: 4_096)
            #expect(store.remember(.other(2)).isRemembered == false)
            #expect(budget.charge(.other).charge == nil)
            #expect(store.lookUp(.alice) == nil)
            budget.settle(charge, as: .denied)
            #expect(store.lookUp(.alice) == nil)
            #expect(folder.events.count == 1)
            try limitFileSize(to: rlim_t.max)
            // If this daemon died now, the next one would not honour it either.
            let next = folder.memory()
            #expect(DecisionStore(next).lookUp(.alice) == nil)
            next.close()
            #expect(store.lookUp(.alice) == nil)
            #expect(store.remember(.other(2)).isRemembered)
            #expect(folder.events.count == 2 && folder.events.last == .recovered)
        }
    }

    @Test("A file that can no longer be written gives some hundred looks at most, and none after a write has failed")
    func noRoomForUses() async {
        await #expect(processExitsWith: .success) {
            let folder = try TestFolder()
            let memory = folder.memory()
            let store = DecisionStore(memory)
            #expect(store.remember(.alice).isRemembered)
            try limitFileSize(to: 4_096)
            var looks = 0
            while looks < 10_000, store.lookUp(.alice) != nil { looks += 1 }
            #expect(looks == 256)
            #expect(store.lookUp(.alice) == nil && memory.trouble != nil)
            try limitFileSize(to: rlim_t.max)
            #expect(store.lookUp(.alice) != nil && memory.trouble == nil)
        }
    }

    @Test("In a folder that cannot be written nothing is found, and it heals")
    func readOnlyFolder() async {
        await #expect(processExitsWith: .success) {
            let folder = try TestFolder()
            if geteuid() == 0 {
                // Root may write anywhere.
                try #require(chown(folder.path, 65_534, 65_534) == 0)
                try #require(seteuid(65_534) == 0)
            }
            let memory = folder.memory()
            let store = DecisionStore(memory)
            #expect(store.remember(.alice).isRemembered)
            memory.close()
            chmod(folder.file, 0o400)
            chmod(folder.path, 0o500)
            #expect(store.lookUp(.alice) == nil)
            #expect(store.remember(.other(2)).isRemembered == false)
            #expect(PushBudget(memory).charge(.alice).charge == nil)
            // Neither file nor folder can be written: the denial is owed.
            guard case .failure = store.forget(DecisionFilter(user: "alice")) else {
                Issue.record("it cannot have been written")
                return
            }
            chmod(folder.path, 0o700)
            chmod(folder.file, 0o600)
            #expect(store.lookUp(.alice) == nil)
            #expect(store.remember(.other(2)).isRemembered)
            #expect(folder.events.count == 2 && folder.events.last == .recovered)
            if getuid() == 0 { seteuid(0) }
        }
    }

    @Test("On a full disk nothing is remembered, and a denial makes its own room", .enabled(if: mayMount))
    func fullDisk() throws {
        let folder = try TestFolder()
        try #require(Self.mount(on: folder))
        defer { umount2(folder.path, Int32(MNT_DETACH)) }
        let memory = folder.memory()
        let (store, budget) = (DecisionStore(memory), PushBudget(memory))
        #expect(store.remember(.alice).isRemembered)
        let charge = try #require(budget.charge(.alice).charge)
        // Another file takes what is left.
        let filler = open(folder.path + "/filler", O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
        let page = [UInt8](repeating: 1, count: 4_096)
        while write(filler, page, page.count) > 0 {}
        try #require(errno == ENOSPC)
        // The log has room for some more, in pages that it has already.
        var failed = false
        for number in 2...2_000 as ClosedRange<UInt32> where !failed {
            failed = store.remember(.other(number)) == .notRemembered(.storeFails(.full))
        }
        #expect(failed)
        #expect(folder.events == [.failing(.full)])
        budget.settle(charge, as: .fraud)
        #expect(store.lookUp(.alice) == nil)
        memory.close()
        let next = folder.memory()
        #expect(DecisionStore(next).lookUp(.alice) == nil)
        #expect(PushBudget(next).charge(.alice).charge == nil)
        // Emptied, not only removed: a child that another test forks meanwhile may hold it open.
        try #require(ftruncate(filler, 0) == 0)
        close(filler)
        let healed = DecisionStore(next).remember(.other(2))
        #expect(healed.isRemembered, "\(healed)")
        next.close()
    }

    /// Root may, unless a container forbids it.
    private static let mayMount: Bool = {
        guard geteuid() == 0, let folder = try? TestFolder(), mount(on: folder) else { return false }
        return umount2(folder.path, Int32(MNT_DETACH)) == 0
    }()

    private static func mount(on folder: TestFolder) -> Bool {
        Glibc.mount("tmpfs", folder.path, "tmpfs", 0, "size=2m,mode=0700") == 0
    }
}

private func limitFileSize(to size: rlim_t) throws {
    // Else the signal ends the process before the write can fail.
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit()
    try #require(getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
    limit.rlim_cur = min(size, limit.rlim_max)
    try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
}

extension Person {
    fileprivate static let other = Person(uid: 2, duoUser: "user2")
}
