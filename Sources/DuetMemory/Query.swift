/// What a login asks of the store. Each is answered from an index, however much is remembered; `QueryPlanTests` holds it.
enum Query: String, CaseIterable {
    case decisionByKey = """
        SELECT id, verdict, granted, expires, uses, factor, login FROM decisions WHERE key = ?1
        """
    case useDecision = "UPDATE decisions SET used = used + 1, uses = uses - 1 WHERE id = ?1"
    case addUses = "UPDATE decisions SET used = used + ?2 WHERE id = ?1"
    case deleteDecision = "DELETE FROM decisions WHERE id = ?1"
    case deleteDecisionByKey = "DELETE FROM decisions WHERE key = ?1"
    case insertDecision = """
        INSERT INTO decisions
            (key, verdict, uid, user, duo_user, service, scope, bound, factor, login, why, granted, expires, used, uses)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, ?14)
        """
    /// Denials stay: one must not end another.
    case deleteAllowsOfPerson = """
        DELETE FROM decisions WHERE (uid = ?1 AND verdict = 1) OR (duo_user = ?2 AND verdict = 1)
        """
    case deleteExpired = """
        DELETE FROM decisions WHERE id IN (SELECT id FROM decisions WHERE expires <= ?1 ORDER BY expires LIMIT ?2)
        """
    case countOfDuoUser = "SELECT count(*) FROM decisions WHERE duo_user = ?1"
    case deleteOldestOfDuoUser = """
        DELETE FROM decisions WHERE id = (SELECT id FROM decisions WHERE duo_user = ?1 ORDER BY id LIMIT 1)
        """
    case total = "SELECT decisions FROM totals WHERE id = 1"
    case deleteSoonest = "DELETE FROM decisions WHERE id = (SELECT id FROM decisions ORDER BY expires LIMIT 1)"

    case pushesOfPerson = """
        SELECT uid, duo_user, charged, state, settled, forgiven FROM pushes
        WHERE (uid = ?1 AND charged > ?3) OR (duo_user = ?2 AND charged > ?3)
        """
    case insertPush = """
        INSERT INTO pushes (uid, duo_user, charged, state, settled, forgiven) VALUES (?1, ?2, ?3, ?4, NULL, 0)
        """
    case settlePush = """
        UPDATE pushes SET state = ?6, settled = ?7
        WHERE id = ?1 AND uid = ?2 AND duo_user = ?3 AND charged = ?4 AND state = ?5
        """
    /// Also of one that was given up: its login had gone.
    case settleLatePush = """
        UPDATE pushes SET state = ?6, settled = ?7
        WHERE id = ?1 AND uid = ?2 AND duo_user = ?3 AND charged = ?4 AND state IN (?5, ?8)
        """
    case deletePush = """
        DELETE FROM pushes WHERE id = ?1 AND uid = ?2 AND duo_user = ?3 AND charged = ?4 AND state = ?5
        """
    case forgivePushes = "UPDATE pushes SET forgiven = 1 WHERE duo_user = ?1 AND state <> ?2"
    case deleteOldPushes = "DELETE FROM pushes WHERE charged <= ?1"
    case stopsOfPerson = """
        SELECT why, max(until) FROM stops WHERE (uid = ?1 OR duo_user = ?2) AND until > ?3 GROUP BY why
        """
    case insertStop = "INSERT INTO stops (uid, duo_user, why, until) VALUES (?1, ?2, ?3, ?4)"
    case deleteStops = "DELETE FROM stops WHERE duo_user = ?1 AND why = ?2"
    case deleteEndedStops = "DELETE FROM stops WHERE until <= ?1"
}
