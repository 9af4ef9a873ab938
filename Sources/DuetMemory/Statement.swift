import CSQLite

/// One prepared statement. Like its `Database`, it stays inside `Memory`.
final class Statement {
    private let handle: OpaquePointer

    init(_ sql: String, in database: OpaquePointer) throws {
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle else { throw SQLiteError(code: code == SQLITE_OK ? SQLITE_MISUSE : code) }
        self.handle = handle
    }

    deinit {
        sqlite3_finalize(handle)
    }

    func rows<R>(_ values: [SQLValue], _ read: (Row) throws -> R) throws -> [R] {
        // A statement that is not reset keeps its locks.
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1)) }
        var rows: [R] = []
        while true {
            let code = sqlite3_step(handle)
            switch code {
            case SQLITE_ROW: rows.append(try read(Row(statement: handle)))
            case SQLITE_DONE: return rows
            default: throw SQLiteError(code: code)
            }
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) throws {
        let code =
            switch value {
            case .null: sqlite3_bind_null(handle, index)
            case .integer(let number): sqlite3_bind_int64(handle, index, number)
            case .text(var text):
                text.withUTF8 { bytes in
                    bytes.withMemoryRebound(to: CChar.self) {
                        duet_sqlite_bind_text(handle, index, $0.baseAddress, Int32($0.count))
                    }
                }
            case .blob(let bytes): duet_sqlite_bind_blob(handle, index, bytes, Int32(bytes.count))
            }
        guard code == SQLITE_OK else { throw SQLiteError(code: code) }
    }
}
