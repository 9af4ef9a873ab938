package import DuetPolicy

/// Remembers decisions, and finds those that still hold.
///
/// 1. An error MUST NOT become an allow: whatever fails is "ask again".
/// 2. An allow MUST be found by an equal key only, and only with a factor that the asking rule accepts.
/// 3. An allow MUST end at the moment that was set when it was granted; use MUST NOT renew it; no rule may make it longer
///    than its scope's `longest`.
/// 4. A use of an allow that has a number of them MUST be written before it is granted; the last one deletes the decision.
/// 5. When the user presses deny or reports fraud, every allow of theirs MUST die, those of logins in flight included.
///    A timeout MUST NOT kill any: else whoever knows the password could.
/// 6. A remembered denial MUST NOT be more than the end of pushes. `PushBudget` looks at it, nobody else.
/// Held by `DecisionStoreTests` and `KillTests`.
package struct DecisionStore: Sendable {
    let memory: Memory
    /// Of one Duo user; the oldest goes.
    let mostOfOne: Int64
    /// Of all; the one that would end first goes.
    let most: Int64

    private static let longestKey = 1_024
    private static let longestText = 200

    package init(_ memory: Memory, mostOfOne: Int = 256, most: Int = 200_000) {
        self.memory = memory
        self.mostOfOne = Int64(mostOfOne)
        self.most = Int64(most)
    }

    /// Nil: ask. `factors` are those that the asking rule accepts.
    package func lookUp(_ key: DecisionKey, factors: some Collection<Factor>) -> RememberedAllow? {
        let bytes = key.bytes
        let longest = key.scope.kind.longest
        let factors = Array(factors)
        let sight = memory.look { database, now, uses in
            try Self.look(bytes, longest: longest, factors: factors, in: database, now: now, uses: &uses)
        }
        switch sight {
        case .allow(let allow): return allow
        case .nothing: return nil
        case .toWrite, nil: break
        }
        let found = memory.attempt { database, now in
            try Self.take(bytes, longest: longest, factors: factors, from: database, now: now)
        }
        switch found {
        case .success(let allow): return allow
        case .failure: return nil
        }
    }

    /// Whether `lookUp` would find an allow now; uses none of its uses up.
    package func holds(_ key: DecisionKey, factors: some Collection<Factor>) -> Bool {
        let bytes = key.bytes
        let longest = key.scope.kind.longest
        let factors = Array(factors)
        let found = memory.attempt { database, now in
            guard let row = try StoredDecision.find(bytes, in: database), row.verdict == .allow else { return false }
            return row.isLive(now: now, longest: longest) && row.factor.map { factors.contains($0) } == true
        }
        switch found {
        case .success(let holds): return holds
        case .failure: return false
        }
    }

    /// Remembers an allow for `lifetime`, at most `uses` times.
    package func remember(_ key: DecisionKey, _ grant: Grant, lifetime: Duration, uses: Int? = nil) -> RememberResult {
        write(
            key, .allow, factor: grant.factor, loginID: grant.loginID, why: grant.why, begun: grant.begun,
            lifetime: lifetime, uses: uses)
    }

    /// Remembers a denial for `lifetime`. It takes the place of an allow with this key.
    package func rememberDenial(_ key: DecisionKey, loginID: String, why: String, lifetime: Duration) -> RememberResult
    {
        write(key, .deny, factor: nil, loginID: loginID, why: why, begun: nil, lifetime: lifetime, uses: nil)
    }

    private enum Sight: Sendable {
        case allow(RememberedAllow)
        case nothing
        /// `take` has to write before it can tell.
        case toWrite
    }

    /// As `take`, as far as that needs no writing.
    private static func look(
        _ key: [UInt8], longest: Duration, factors: [Factor], in database: Database, now: Int64, uses: inout UseCounts
    ) throws -> Sight {
        guard let row = try StoredDecision.find(key, in: database) else { return .nothing }
        switch row.verdict {
        case .deny: return .nothing
        case .allow: break
        }
        guard row.uses == nil, row.isLive(now: now, longest: longest), let factor = row.factor else { return .toWrite }
        guard factors.contains(factor) else { return .nothing }
        uses.add(row.id)
        return .allow(RememberedAllow(id: row.id, factor: factor, loginID: row.loginID))
    }

    private static func take(
        _ key: [UInt8], longest: Duration, factors: [Factor], from database: Database, now: Int64
    ) throws -> RememberedAllow? {
        guard let row = try StoredDecision.find(key, in: database) else { return nil }
        switch row.verdict {
        case .deny: return nil
        case .allow: break
        }
        guard row.isLive(now: now, longest: longest), let factor = row.factor else {
            try database.run(.deleteDecision, [.integer(row.id)])
            return nil
        }
        guard factors.contains(factor) else { return nil }
        try database.run(row.uses == 1 ? .deleteDecision : .useDecision, [.integer(row.id)])
        return RememberedAllow(id: row.id, factor: factor, loginID: row.loginID)
    }

    private func write(
        _ key: DecisionKey, _ verdict: RememberedDecision.Verdict, factor: Factor?, loginID: String, why: String,
        begun: Duration?, lifetime: Duration, uses: Int?
    ) -> RememberResult {
        let bytes = key.bytes
        guard bytes.count <= Self.longestKey else { return .notRemembered(.keyTooLong) }
        let lifetime = min(lifetime, key.scope.kind.longest).milliseconds
        guard lifetime > 0, uses.map({ $0 > 0 }) ?? true else { return .notRemembered(.nothingToRemember) }
        let duoUser = Person.folded(key.duoUser)
        let result = memory.attempt { [mostOfOne, most] database, now -> RememberResult in
            if let begun {
                let history = try PushHistory.of(Person(uid: key.uid, duoUser: duoUser), in: database, now: now)
                if history.wasRefused(since: begun.milliseconds) { return .notRemembered(.deniedMeanwhile) }
            }
            try Self.makeRoom(in: database, now: now, duoUser: duoUser, mostOfOne: mostOfOne, most: most)
            try database.run(.deleteDecisionByKey, [.blob(bytes)])
            try database.run(
                .insertDecision,
                [
                    .blob(bytes), .integer(verdict.rawValue), .integer(Int64(key.uid)), .text(key.user), .text(duoUser),
                    .text(key.service), .text(key.scope.kind.rawValue), .text(key.scope.description),
                    SQLValue(factor?.rawValue),
                    .text(String(loginID.prefix(Self.longestText))), .text(String(why.prefix(Self.longestText))),
                    .integer(now), .integer(now + lifetime), SQLValue(uses.map { Int64($0) }),
                ])
            return .remembered(id: database.lastID)
        }
        switch result {
        case .success(let result): return result
        case .failure(let trouble): return .notRemembered(.storeFails(trouble))
        }
    }

    private static func makeRoom(
        in database: Database, now: Int64, duoUser: String, mostOfOne: Int64, most: Int64
    ) throws {
        // Not all at once: a login waits for it.
        try database.run(.deleteExpired, [.integer(now), .integer(1_000)])
        func count(_ query: Query, _ values: [SQLValue]) throws -> Int64 {
            try database.rows(query, values) { try $0.integer(0) }.first ?? 0
        }
        if try count(.countOfDuoUser, [.text(duoUser)]) >= mostOfOne {
            try database.run(.deleteOldestOfDuoUser, [.text(duoUser)])
        }
        if try count(.total, []) >= most { try database.run(.deleteSoonest) }
    }
}
