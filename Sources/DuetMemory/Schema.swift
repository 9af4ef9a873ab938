/// The tables, and what makes a file that was found one of ours of this boot.
enum Schema {
    static let version: Int64 = 1

    private static let tables = """
        CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), boot TEXT NOT NULL, opened INTEGER NOT NULL);
        CREATE TABLE decisions (
            id INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL UNIQUE, verdict INTEGER NOT NULL,
            uid INTEGER NOT NULL, user TEXT NOT NULL, duo_user TEXT NOT NULL, service TEXT NOT NULL,
            scope TEXT NOT NULL, bound TEXT NOT NULL, factor TEXT, login TEXT NOT NULL, why TEXT NOT NULL,
            granted INTEGER NOT NULL, expires INTEGER NOT NULL, used INTEGER NOT NULL, uses INTEGER);
        CREATE INDEX decisions_by_uid ON decisions (uid);
        CREATE INDEX decisions_by_duo_user ON decisions (duo_user);
        CREATE INDEX decisions_by_expiry ON decisions (expires);
        CREATE TABLE totals (id INTEGER PRIMARY KEY CHECK (id = 1), decisions INTEGER NOT NULL);
        INSERT INTO totals VALUES (1, 0);
        CREATE TRIGGER decision_added AFTER INSERT ON decisions
            BEGIN UPDATE totals SET decisions = decisions + 1 WHERE id = 1; END;
        CREATE TRIGGER decision_removed AFTER DELETE ON decisions
            BEGIN UPDATE totals SET decisions = decisions - 1 WHERE id = 1; END;
        CREATE TABLE pushes (
            id INTEGER PRIMARY KEY AUTOINCREMENT, uid INTEGER NOT NULL, duo_user TEXT NOT NULL,
            charged INTEGER NOT NULL, state INTEGER NOT NULL, settled INTEGER, forgiven INTEGER NOT NULL);
        CREATE INDEX pushes_by_uid ON pushes (uid, charged);
        CREATE INDEX pushes_by_duo_user ON pushes (duo_user, charged);
        CREATE INDEX pushes_by_time ON pushes (charged);
        CREATE TABLE stops (
            id INTEGER PRIMARY KEY AUTOINCREMENT, uid INTEGER NOT NULL, duo_user TEXT NOT NULL,
            why INTEGER NOT NULL, until INTEGER NOT NULL);
        CREATE INDEX stops_by_uid ON stops (uid);
        CREATE INDEX stops_by_duo_user ON stops (duo_user);
        CREATE INDEX stops_by_end ON stops (until);
        """

    /// Makes the tables in a new file; empties one of another boot. An empty `bootID` is never that of the file.
    /// Writes in any case, so that a file which cannot be written is met when the daemon starts.
    static func prepare(_ database: Database, bootID: String) throws {
        let verdict = try database.rows(sql: "PRAGMA quick_check(1)") { try $0.text(0) }
        guard verdict == ["ok"] else { throw MemoryTrouble.corrupt }
        try database.transaction {
            let found = try database.rows(sql: "PRAGMA user_version") { try $0.integer(0) }.first ?? 0
            switch found {
            case 0:
                try database.execute(tables)
                _ = try database.rows(sql: "INSERT INTO meta VALUES (1, ?1, 0)", [.text(bootID)]) { _ in }
                try database.execute("PRAGMA user_version = \(version)")
            case version:
                let boot = try database.rows(sql: "SELECT boot FROM meta WHERE id = 1") { try $0.text(0) }
                guard let boot = boot.first else { throw MemoryTrouble.corrupt }
                if boot.isEmpty || boot != bootID {
                    try database.execute("DELETE FROM decisions; DELETE FROM pushes; DELETE FROM stops")
                    _ = try database.rows(sql: "UPDATE meta SET boot = ?1 WHERE id = 1", [.text(bootID)]) { _ in }
                }
                try database.execute("UPDATE meta SET opened = opened + 1 WHERE id = 1")
            default:
                throw MemoryTrouble.otherVersion(found)
            }
        }
        try database.prepareAll()
    }
}
