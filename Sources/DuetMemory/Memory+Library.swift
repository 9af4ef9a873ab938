import CSQLite

extension Memory {
    /// Of SQLite, as it runs.
    package static var libraryVersion: String { String(cString: sqlite3_libversion()) }
}
