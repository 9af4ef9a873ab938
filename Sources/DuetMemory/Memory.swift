import Synchronization

/// The file in which the daemon remembers. `DecisionStore` and `PushBudget` share one.
///
/// It works on the thread of whoever asks, one after the other: a look-up takes less than waking another thread would, and
/// the file lies in memory (/run).
///
/// 1. What `attempt` gives as success MUST be committed. Whatever else happened MUST be a failure.
/// 2. A file that is damaged, of another version or writable by others MUST NOT be read; it is moved aside.
/// 3. What was remembered in another boot MUST NOT be found.
/// 4. What `must` was given and could not write MUST be written before anything is read again. Where the file fails, it is
///    removed, so that the next daemon does not read it either.
/// 5. What `look` sees MUST be what `attempt` would see: after a failure, and while a write is owed, it sees nothing.
/// Held by `MemoryTests` and `FailingDiskTests`.
package final class Memory: Sendable {
    typealias Work<R> = @Sendable (_ database: Database, _ now: Int64) throws -> R
    typealias Look<R> = @Sendable (_ database: Database, _ now: Int64, _ uses: inout UseCounts) throws -> R?

    private let state: Mutex<OpenMemory>

    /// - Parameters:
    ///   - folder: Made if it does not exist; has to be the daemon's own.
    ///   - bootID: Of this boot. If it is empty, nothing outlives this `Memory`.
    ///   - clock: Time since the boot.
    ///   - report: Called by whoever met the trouble; must not block, nor use this memory.
    package init(
        folder: String, bootID: String, clock: @escaping @Sendable () -> Duration = BootClock.now,
        report: @escaping @Sendable (MemoryEvent) -> Void
    ) {
        state = Mutex(OpenMemory(file: StoreFile(folder: folder), bootID: bootID, clock: clock, report: report))
    }

    /// Why the last attempt failed; nil while the file works.
    package var trouble: MemoryTrouble? { state.withLock { $0.trouble } }

    /// Opens the file now, so that trouble is met when the daemon starts. Otherwise the first use does it.
    package func open() {
        _ = attempt { _, _ in }
    }

    /// Whoever comes later opens it again.
    package func close() {
        state.withLock { $0.close() }
    }

    /// Does `work` in one transaction. Time is in milliseconds since the boot.
    func attempt<R: Sendable>(_ work: Work<R>) -> Result<R, MemoryTrouble> {
        state.withLock { $0.attempt(work) }
    }

    /// What `work` sees, which only reads and costs a tenth of a transaction; nil: only `attempt` can tell. Uses that it counts are
    /// written with the next transaction.
    func look<R: Sendable>(_ work: Look<R>) -> R? {
        state.withLock { $0.look(work) }
    }

    /// As `attempt`, for what takes something away from somebody: if it cannot be done now, it is owed.
    func must<R: Sendable>(_ work: @escaping Work<R>) -> Result<R, MemoryTrouble> {
        state.withLock { $0.must(work) }
    }
}
