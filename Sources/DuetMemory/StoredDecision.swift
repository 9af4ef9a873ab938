import CSQLite
import DuetPolicy

/// What a look-up needs of a stored decision.
struct StoredDecision {
    let id: Int64
    let verdict: RememberedDecision.Verdict
    let granted: Int64
    let expires: Int64
    let uses: Int64?
    /// Of an allow.
    let factor: Factor?
    let loginID: String

    static func find(_ key: [UInt8], in database: Database) throws -> StoredDecision? {
        try database.rows(.decisionByKey, [.blob(key)]) { row in
            guard let verdict = RememberedDecision.Verdict(rawValue: try row.integer(1)) else {
                throw SQLiteError(code: SQLITE_CORRUPT)
            }
            return StoredDecision(
                id: try row.integer(0), verdict: verdict, granted: try row.time(2), expires: try row.time(3),
                uses: try row.optionalInteger(4), factor: try row.optionalText(5).flatMap { Factor(rawValue: $0) },
                loginID: try row.text(6))
        }.first
    }

    /// Neither over, nor from the future, nor longer than it can have been granted for, nor used up.
    func isLive(now: Int64, longest: Duration) -> Bool {
        granted <= now && now < expires && expires - granted <= longest.milliseconds && (uses.map { $0 > 0 } ?? true)
    }
}
