import FoundationEssentials
import Glibc
import Synchronization

@testable import DuetMemory

/// A folder with a store in it, and the clock and events of that store. Removed with the value.
final class TestFolder: Sendable {
    let path: String
    let clock = TestClock()
    private let reported = Mutex<[MemoryEvent]>([])

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/duet-memory-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        chmod(path, 0o700)
    }

    deinit {
        chmod(path, 0o700)
        try? FileManager.default.removeItem(atPath: path)
    }

    var file: String { path + "/memory.sqlite" }
    var events: [MemoryEvent] { reported.withLock { $0 } }

    /// As a daemon of this boot would open it.
    func memory(bootID: String = "boot-1") -> Memory {
        Memory(folder: path, bootID: bootID, clock: { [clock] in clock.now }) { [weak self] event in
            self?.reported.withLock { $0.append(event) }
        }
    }
}
