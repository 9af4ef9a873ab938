import CSQLite

/// What `duet cache` asks for, and what deny and fraud do.
extension DecisionStore {
    /// Those that are alive, in the order in which they were made; at most 10,000.
    package func list(
        _ filter: DecisionFilter = .all, limit: Int = 1_000
    ) -> Result<[RememberedDecision], MemoryTrouble> {
        let sql = """
            SELECT id, verdict, uid, user, duo_user, service, scope, bound, factor, login, why, granted, expires, used, uses
            FROM decisions WHERE expires > ?5 AND \(DecisionFilter.condition) ORDER BY id LIMIT ?6
            """
        return memory.attempt { database, now in
            let values = filter.values + [.integer(now), .integer(Int64(min(max(limit, 0), 10_000)))]
            return try database.rows(sql: sql, values) { try RememberedDecision($0, now: now) }
        }
    }

    /// How many are stored, those included that are over and not yet swept away.
    package func count() -> Result<Int, MemoryTrouble> {
        memory.attempt { database, _ in
            Int(try database.rows(.total) { try $0.integer(0) }.first ?? 0)
        }
    }

    /// Tells how many. A failure means that it will be done as soon as the store works, and that no decision is honoured
    /// until then.
    package func forget(_ filter: DecisionFilter) -> Result<Int, MemoryTrouble> {
        memory.must { database, _ in
            let sql = "DELETE FROM decisions WHERE \(DecisionFilter.condition)"
            _ = try database.rows(sql: sql, filter.values) { _ in }
            return database.lastChanges
        }
    }

    /// Every allow of a user on this host, or of a Duo user.
    static func forgetAllows(of person: Person, in database: Database) throws {
        try database.run(.deleteAllowsOfPerson, [.integer(Int64(person.uid)), .text(person.duoUser)])
    }
}

extension RememberedDecision {
    fileprivate init(_ row: Row, now: Int64) throws {
        guard let verdict = Verdict(rawValue: try row.integer(1)),
            let scope = ScopeBinding.Kind(rawValue: try row.text(6))
        else { throw SQLiteError(code: SQLITE_CORRUPT) }
        self.init(
            id: try row.integer(0), verdict: verdict, uid: try row.uid(2), user: try row.text(3),
            duoUser: try row.text(4), service: try row.text(5), scope: scope, bound: try row.text(7),
            factor: try row.optionalText(8), loginID: try row.text(9), why: try row.text(10),
            age: .milliseconds(now - (try row.time(11))), remaining: .milliseconds(try row.time(12) - now),
            used: Int(try row.integer(13)), usesLeft: try row.optionalInteger(14).map { Int($0) })
    }
}
