/// What SQLite answered instead of success: a result code, extended where there is one.
struct SQLiteError: Error {
    let code: Int32
}
