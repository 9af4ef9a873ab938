import CSQLite

/// The row that a statement stands on. What is not of the expected type is a damaged file, not a value.
struct Row {
    let statement: OpaquePointer

    func integer(_ column: Int32) throws -> Int64 {
        try expect(SQLITE_INTEGER, column)
        return sqlite3_column_int64(statement, column)
    }

    func optionalInteger(_ column: Int32) throws -> Int64? {
        isNull(column) ? nil : try integer(column)
    }

    /// Milliseconds of a clock that starts with the machine; what no such clock can show is damage, and would overflow.
    func time(_ column: Int32) throws -> Int64 {
        let time = try integer(column)
        guard (0...Self.latest).contains(time) else { throw SQLiteError(code: SQLITE_CORRUPT) }
        return time
    }

    func optionalTime(_ column: Int32) throws -> Int64? {
        isNull(column) ? nil : try time(column)
    }

    /// 280,000 years.
    private static let latest: Int64 = 1 << 53

    func text(_ column: Int32) throws -> String {
        try expect(SQLITE_TEXT, column)
        guard let bytes = sqlite3_column_text(statement, column) else { throw SQLiteError(code: SQLITE_NOMEM) }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    func optionalText(_ column: Int32) throws -> String? {
        isNull(column) ? nil : try text(column)
    }

    func uid(_ column: Int32) throws -> UInt32 {
        guard let uid = UInt32(exactly: try integer(column)) else { throw SQLiteError(code: SQLITE_CORRUPT) }
        return uid
    }

    private func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

    private func expect(_ type: Int32, _ column: Int32) throws {
        guard sqlite3_column_type(statement, column) == type else { throw SQLiteError(code: SQLITE_CORRUPT) }
    }
}
