import Glibc

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
/// Held by `MemoryTests`.
package actor Memory {
    typealias Work<R> = @Sendable (_ database: Database, _ now: Int64) throws -> R

    private let file: StoreFile
    private let bootID: String
    private let clock: @Sendable () -> Duration
    private let report: @Sendable (MemoryEvent) -> Void

    private var database: Database?
    private var owed: [Work<Void>] = []
    private static let mostOwed = 4_096

    /// Why the last attempt failed; nil while the file works.
    package private(set) var trouble: MemoryTrouble?
    private var isReported = false
    private var lastReport: Duration?
    /// A file that fails every other time is not worth more lines than this.
    private static let reportInterval = Duration.seconds(60)

    /// - Parameters:
    ///   - folder: Made if it does not exist; has to be the daemon's own.
    ///   - bootID: Of this boot. If it is empty, nothing outlives this `Memory`.
    ///   - clock: Time since the boot.
    ///   - report: Called by whoever met the trouble; must not block.
    package init(
        folder: String, bootID: String, clock: @escaping @Sendable () -> Duration = BootClock.now,
        report: @escaping @Sendable (MemoryEvent) -> Void
    ) {
        file = StoreFile(folder: folder)
        self.bootID = bootID
        self.clock = clock
        self.report = report
    }

    /// Opens the file now, so that trouble is met when the daemon starts. Otherwise the first use does it.
    package func open() {
        _ = attempt { _, _ in }
    }

    /// Whoever comes later opens it again.
    package func close() {
        database = nil
    }

    /// Does `work` in one transaction. Time is in milliseconds since the boot.
    func attempt<R: Sendable>(_ work: Work<R>) -> Result<R, MemoryTrouble> {
        var result = attemptOnce(work)
        // With the new file that took the old one's place.
        if case .failure(let trouble) = result, trouble.needsNewFile { result = attemptOnce(work) }
        return result
    }

    /// As `attempt`, for what takes something away from somebody: if it cannot be done now, it is owed.
    func must<R: Sendable>(_ work: @escaping Work<R>) -> Result<R, MemoryTrouble> {
        var result = attempt(work)
        guard case .failure(let trouble) = result else { return result }
        if trouble != .inUse {
            // Removing needs no room and makes some. If even that fails, so will whoever wants to write a look-up.
            close()
            try? file.remove()
            result = attempt(work)
        }
        if case .failure = result { owe { database, now in _ = try work(database, now) } }
        return result
    }

    private func owe(_ work: @escaping Work<Void>) {
        if owed.count < Self.mostOwed {
            owed.append(work)
        } else {
            owed = [{ database, _ in try database.execute("DELETE FROM decisions") }]
        }
    }

    private func attemptOnce<R>(_ work: Work<R>) -> Result<R, MemoryTrouble> {
        do {
            let database = try opened()
            let before = database.changes
            let value = try database.transaction {
                let now = clock().milliseconds
                for debt in owed { try debt(database, now) }
                return try work(database, now)
            }
            owed.removeAll()
            if database.changes != before || trouble?.endsOnlyWithAWrite == false { noteRecovered() }
            return .success(value)
        } catch {
            var trouble = MemoryTrouble(error)
            note(trouble)
            close()
            if trouble.needsNewFile {
                do { try file.moveAside() } catch { trouble = error }
            }
            return .failure(trouble)
        }
    }

    private func opened() throws -> Database {
        if let database { return database }
        try file.prepare()
        let database = try Database(path: file.path)
        try Schema.prepare(database, bootID: bootID)
        self.database = database
        return database
    }

    private func note(_ trouble: MemoryTrouble) {
        self.trouble = trouble
        let now = clock()
        guard !isReported, lastReport.map({ now - $0 >= Self.reportInterval }) ?? true else { return }
        isReported = true
        lastReport = now
        report(.failing(trouble))
    }

    private func noteRecovered() {
        trouble = nil
        guard isReported else { return }
        isReported = false
        report(.recovered)
    }
}
