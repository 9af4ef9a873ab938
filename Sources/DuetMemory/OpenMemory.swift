/// What `Memory` guards: the open file, what is owed to it, and what was said of its trouble.
struct OpenMemory {
    typealias Work<R> = Memory.Work<R>
    typealias Look<R> = Memory.Look<R>

    private let file: StoreFile
    private let bootID: String
    private let clock: @Sendable () -> Duration
    private let report: @Sendable (MemoryEvent) -> Void

    private var database: Database?
    private var owed: [Work<Void>] = []
    private static let mostOwed = 4_096
    /// Not written yet.
    private var uses = UseCounts()

    /// Why the last attempt failed; nil while the file works.
    private(set) var trouble: MemoryTrouble?
    private var isReported = false
    private var lastReport: Duration?
    /// A file that fails every other time is not worth more lines than this.
    private static let reportInterval = Duration.seconds(60)

    init(
        file: StoreFile, bootID: String, clock: @escaping @Sendable () -> Duration,
        report: @escaping @Sendable (MemoryEvent) -> Void
    ) {
        self.file = file
        self.bootID = bootID
        self.clock = clock
        self.report = report
    }

    mutating func close() {
        if database != nil && trouble == nil && !uses.isEmpty { _ = attemptOnce { _, _ in } }
        // The next file may count its decisions anew.
        uses = UseCounts()
        database = nil
    }

    /// What `work` sees, which only reads; nil: only `attempt` can tell. Where a write has failed or is owed, nothing is seen
    /// before one has succeeded.
    mutating func look<R>(_ work: Look<R>) -> R? {
        guard let database, trouble == nil, owed.isEmpty, !uses.areMany else { return nil }
        return try? work(database, clock().milliseconds, &uses)
    }

    mutating func attempt<R: Sendable>(_ work: Work<R>) -> Result<R, MemoryTrouble> {
        var result = attemptOnce(work)
        // With the new file that took the old one's place.
        if case .failure(let trouble) = result, trouble.needsNewFile { result = attemptOnce(work) }
        return result
    }

    mutating func must<R: Sendable>(_ work: @escaping Work<R>) -> Result<R, MemoryTrouble> {
        var result = attempt(work)
        guard case .failure(let trouble) = result else { return result }
        if trouble != .inUse {
            // Removing needs no room and makes some. If even that fails, nothing is seen until what is owed has been written.
            close()
            try? file.remove()
            result = attempt(work)
        }
        if case .failure = result { owe { database, now in _ = try work(database, now) } }
        return result
    }

    private mutating func owe(_ work: @escaping Work<Void>) {
        if owed.count < Self.mostOwed {
            owed.append(work)
        } else {
            owed = [{ database, _ in try database.execute("DELETE FROM decisions") }]
        }
    }

    private mutating func attemptOnce<R>(_ work: Work<R>) -> Result<R, MemoryTrouble> {
        do {
            let database = try opened()
            let before = database.changes
            let value = try database.transaction {
                let now = clock().milliseconds
                for debt in owed { try debt(database, now) }
                try uses.write(to: database)
                return try work(database, now)
            }
            owed.removeAll()
            uses = UseCounts()
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

    private mutating func opened() throws -> Database {
        if let database { return database }
        try file.prepare()
        let database = try Database(path: file.path)
        try Schema.prepare(database, bootID: bootID)
        self.database = database
        return database
    }

    private mutating func note(_ trouble: MemoryTrouble) {
        self.trouble = trouble
        let now = clock()
        guard !isReported, lastReport.map({ now - $0 >= Self.reportInterval }) ?? true else { return }
        isReported = true
        lastReport = now
        report(.failing(trouble))
    }

    private mutating func noteRecovered() {
        trouble = nil
        guard isReported else { return }
        isReported = false
        report(.recovered)
    }
}
