import Dispatch
import Testing

@testable import DuetMemory

@Suite struct KillTests {
    @Test(
        "A daemon killed a hundred times loses nothing that it has acknowledged, and has nothing that it did not begin",
        .timeLimit(.minutes(5)))
    func kill() async throws {
        let folder = try TestFolder()
        var said: [String: Set<UInt32>] = [:]
        var next: UInt32 = 1
        for round in 1...100 {
            for line in try await writer(folder.path, from: next) {
                let words = line.split(separator: " ")
                let uid = try #require(words.count == 2 ? UInt32(words[1]) : nil, "\(line)")
                said[String(words[0]), default: []].insert(uid)
                next = max(next, uid + 1)
            }
            if round % 10 == 0 { try check(said, in: folder) }
        }
        #expect(said["done", default: []].count > 100)
        #expect(said["gone", default: []].count > 30 && said["charged", default: []].count > 30)
    }

    private func check(_ said: [String: Set<UInt32>], in folder: TestFolder) throws {
        // The writers use the real clock.
        let memory = Memory(folder: folder.path, bootID: "boot") { Issue.record("\($0)") }
        let present = Set(
            try memory.attempt { database, _ in
                try database.rows(sql: "SELECT uid FROM decisions") { try $0.uid(0) }
            }.get())
        let done = said["done", default: []]
        let charged = try memory.attempt { database, _ in
            try database.rows(sql: "SELECT uid FROM pushes") { try $0.uid(0) }
        }.get()
        let integrity = try memory.attempt { database, _ in
            try database.rows(sql: "PRAGMA integrity_check") { try $0.text(0) }
        }.get()
        #expect(integrity == ["ok"])
        #expect(done.subtracting(said["forgetting", default: []]).subtracting(present).isEmpty, "lost")
        #expect(present.subtracting(said["begin", default: []]).isEmpty, "never begun")
        #expect(present.intersection(said["gone", default: []]).isEmpty, "not gone")
        #expect(said["charged", default: []].subtracting(charged).isEmpty, "charges lost")
        #expect(try DecisionStore(memory).count().get() == present.count)
        memory.close()
    }

    /// Off Swift's threads, because it blocks.
    private func writer(_ folder: String, from uid: UInt32) async throws -> [String] {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        try WriterProcess(folder: folder, firstUID: uid, killAfter: .random(in: 1...60)).lines
                    })
            }
        }
    }
}
