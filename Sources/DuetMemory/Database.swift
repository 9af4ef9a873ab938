import CSQLite

/// One connection to an SQLite file, which no other connection may use meanwhile.
///
/// A commit has reached the kernel when it returns, so it survives the daemon's death at any moment. `synchronous=NORMAL`
/// is enough, which does not wait for the disk: what it may lose when the power fails is of another boot, and no decision
/// is kept across boots. Locking is exclusive: the index of the write-ahead log then lies in this process's memory and
/// not in a mapped file, and a second daemon is refused instead of sharing.
final class Database {
    private let handle: OpaquePointer
    private var statements: [Query: Statement] = [:]
    private var begin: Statement?
    private var commit: Statement?

    /// The file has to exist.
    init(path: String) throws {
        var handle: OpaquePointer?
        // No mutex: `Memory`, which owns the connection, is one.
        let code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        guard let handle else { throw SQLiteError(code: SQLITE_NOMEM) }
        self.handle = handle
        guard code == SQLITE_OK else { throw SQLiteError(code: sqlite3_extended_errcode(handle)) }
        sqlite3_extended_result_codes(handle, 1)
        _ = duet_sqlite_set_defensive(handle)
        try execute(
            """
            PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;
            PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;
            PRAGMA journal_size_limit = 8388608;
            """)
        begin = try Statement("BEGIN IMMEDIATE", in: handle)
        commit = try Statement("COMMIT", in: handle)
    }

    deinit {
        statements.removeAll()
        (begin, commit) = (nil, nil)
        sqlite3_close_v2(handle)
    }

    /// So that a schema which is not ours is met when the file is opened.
    func prepareAll() throws {
        for query in Query.allCases { statements[query] = try Statement(query.rawValue, in: handle) }
    }

    /// Grows with every row that is written, those of triggers included.
    var changes: Int64 { Int64(sqlite3_total_changes(handle)) }

    func execute(_ sql: String) throws {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteError(code: code) }
    }

    func rows<R>(_ query: Query, _ values: [SQLValue] = [], _ read: (Row) throws -> R) throws -> [R] {
        guard let statement = statements[query] else { throw SQLiteError(code: SQLITE_MISUSE) }
        return try statement.rows(values, read)
    }

    func run(_ query: Query, _ values: [SQLValue] = []) throws {
        _ = try rows(query, values) { _ in }
    }

    /// For what is asked too rarely to be kept prepared.
    func rows<R>(sql: String, _ values: [SQLValue] = [], _ read: (Row) throws -> R) throws -> [R] {
        try Statement(sql, in: handle).rows(values, read)
    }

    /// By the last statement itself, without what its triggers did.
    var lastChanges: Int { Int(sqlite3_changes(handle)) }

    var lastID: Int64 { sqlite3_last_insert_rowid(handle) }

    /// All of `body` or nothing. It takes the right to write at once, so a file that cannot be written is met here.
    func transaction<R>(_ body: () throws -> R) throws -> R {
        _ = try begin?.rows([]) { _ in }
        do {
            let value = try body()
            _ = try commit?.rows([]) { _ in }
            return value
        } catch {
            // It may fail because SQLite has rolled back by itself. Whoever gets an error closes the connection anyway.
            try? execute("ROLLBACK")
            throw error
        }
    }
}
