package import DuetPolicy

/// How many pushes, calls and SMS one person may get, from wherever they are asked for.
///
/// 1. A push or call MUST be charged before it is sent, and whoever is not charged MUST NOT be sent one. Two logins at
///    once MUST NOT both take the last place.
/// 2. A store that fails MUST mean passcodes only.
/// 3. What is charged counts as not approved until it is settled as approved: an abandoned one, and one whose daemon died.
/// 4. Deny and fraud MUST kill what is remembered for the person in the same step as they are counted.
/// 5. A passcode MUST end a cool-down of its own Duo user only, and MUST NOT end that after a fraud.
/// 6. Deny and fraud MUST count too when their login has gone; an approval or a time-out MUST NOT change anything then.
/// 7. An SMS MUST be charged before it is sent. Pushes that are stopped MUST NOT stop SMS, nor the other way round: each is
///    somebody's only way in. A right passcode of the Duo user gives them back.
/// Held by `PushBudgetTests`.
package struct PushBudget: Sendable {
    private enum Why: Int64 {
        case denials = 1
        case fraud = 2
    }

    private let memory: Memory
    private let limits: PushLimits
    private let refused: @Sendable (PushStop) -> Void

    /// `refused` hears of every push, call or SMS that somebody does not get.
    package init(
        _ memory: Memory, limits: PushLimits = .standard, refused: @escaping @Sendable (PushStop) -> Void = { _ in }
    ) {
        self.memory = memory
        self.limits = limits
        self.refused = refused
    }

    /// Counts a push or call for `person`, or says why there is none. `key` is that of the login, if its rule remembers.
    package func charge(_ person: Person, key: DecisionKey? = nil) -> PushPermit {
        let keyBytes = key?.bytes
        let result = memory.attempt { [limits] database, now -> PushPermit in
            try Self.sweep(database, now: now, limits: limits)
            if let stop = try Self.stop(person, keyBytes, in: database, now: now, limits: limits) {
                return .passcodeOnly(stop)
            }
            try database.run(
                .insertPush, person.values + [.integer(now), .integer(PushHistory.State.pending.rawValue)])
            return .push(PushCharge(person: person, id: database.lastID, charged: now))
        }
        let permit: PushPermit
        switch result {
        case .success(let found): permit = found
        case .failure(let trouble): permit = .passcodeOnly(.storeFails(trouble))
        }
        if case .passcodeOnly(let stop) = permit { refused(stop) }
        return permit
    }

    /// Why `person` would get no push now; nil if they would. For the menu; `charge` decides.
    package func standing(_ person: Person, key: DecisionKey? = nil) -> PushStop? {
        let keyBytes = key?.bytes
        let result = memory.attempt { [limits] database, now in
            try Self.stop(person, keyBytes, in: database, now: now, limits: limits)
        }
        return told(result)
    }

    /// Says how a push or call ended. Only the first word about a charge counts.
    package func settle(_ charge: PushCharge, as outcome: PushOutcome) {
        switch outcome {
        // If it cannot be written, it counts as abandoned.
        case .approved: _ = memory.attempt { database, _ in try database.run(.deletePush, charge.values) }
        case .timedOut: unapproved(charge, .timedOut)
        case .abandoned: unapproved(charge, .abandoned)
        case .denied: refuse(charge, .denied, late: false)
        case .fraud: refuse(charge, .fraud, late: false)
        }
    }

    /// Says how a push or call ended whose login had gone, and had settled it as abandoned or was about to.
    package func settleLate(_ charge: PushCharge, as outcome: PushOutcome) {
        switch outcome {
        case .approved, .timedOut, .abandoned: break
        case .denied: refuse(charge, .denied, late: true)
        case .fraud: refuse(charge, .fraud, late: true)
        }
    }

    private func unapproved(_ charge: PushCharge, _ state: PushHistory.State) {
        _ = memory.attempt { [limits] database, now in
            try Self.fail(charge, state, in: database, now: now, limits: limits)
        }
    }

    private func refuse(_ charge: PushCharge, _ state: PushHistory.State, late: Bool) {
        _ = memory.must { [limits] database, now in
            try DecisionStore.forgetAllows(of: charge.person, in: database)
            try Self.fail(charge, state, late: late, in: database, now: now, limits: limits)
            guard state == .fraud else { return }
            try Self.stop(charge.person, .fraud, until: now + limits.fraudCooldown.milliseconds, in: database)
        }
    }

    /// Counts passcodes that are about to be sent to `person` by SMS, or says why they must not be.
    package func chargeText(_ person: Person) -> PushStop? {
        let result = memory.attempt { [limits] database, now -> PushStop? in
            try Self.sweep(database, now: now, limits: limits)
            let history = try PushHistory.of(person, in: database, now: now, window: limits.cooldown)
            let texts = history.texts(now: now, window: limits.cooldown).sorted()
            if texts.count >= limits.maxSMS {
                let until = texts[texts.count - limits.maxSMS] + limits.cooldown.milliseconds
                return .texts(remaining: .milliseconds(until - now))
            }
            try database.run(
                .insertPush, person.values + [.integer(now), .integer(PushHistory.State.text.rawValue)])
            return nil
        }
        return told(result)
    }

    /// What stops the person, after whoever counts that has heard of it.
    private func told(_ result: Result<PushStop?, MemoryTrouble>) -> PushStop? {
        let stop: PushStop? =
            switch result {
            case .success(let found): found
            case .failure(let trouble): .storeFails(trouble)
            }
        if let stop { refused(stop) }
        return stop
    }

    /// The person has shown with a passcode that it is them.
    package func passcodeSucceeded(_ person: Person) {
        _ = memory.attempt { database, _ in
            try database.run(
                .forgivePushes, [.text(person.duoUser), .integer(PushHistory.State.pending.rawValue)])
            try database.run(.deleteStops, [.text(person.duoUser), .integer(Why.denials.rawValue)])
        }
    }

    /// An administrator lets the person's pushes go on, whatever stopped them.
    package func clear(_ person: Person) -> Result<Void, MemoryTrouble> {
        memory.attempt { database, _ in
            for table in ["pushes", "stops"] {
                _ = try database.rows(sql: "DELETE FROM \(table) WHERE uid = ?1 OR duo_user = ?2", person.values) { _ in
                }
            }
        }
    }

    private static func stop(
        _ person: Person, _ key: [UInt8]?, in database: Database, now: Int64, limits: PushLimits
    ) throws -> PushStop? {
        let stops = try database.rows(.stopsOfPerson, person.values + [.integer(now)]) {
            (Why(rawValue: try $0.integer(0)), Duration.milliseconds(try $0.time(1) - now))
        }
        // The longest, and one whose reason is damaged still stops.
        if let (why, remaining) = stops.max(by: { $0.1 < $1.1 }) {
            switch why {
            case .denials: return .denials(remaining: remaining)
            case .fraud, nil: return .fraud(remaining: remaining)
            }
        }
        if let key, let denial = try StoredDecision.find(key, in: database), denial.verdict == .deny,
            denial.expires > now
        {
            return .rememberedDenial(remaining: .milliseconds(denial.expires - now))
        }
        let history = try PushHistory.of(person, in: database, now: now, window: limits.window)
        if let until = spentUntil(history, now: now, limits: limits) {
            // Found only now if a daemon died before it could settle: keep it beyond the window.
            try stop(person, .denials, until: until, in: database)
            return .denials(remaining: .milliseconds(until - now))
        }
        return history.pending(now: now) >= limits.maxPending ? .pending : nil
    }

    private static func fail(
        _ charge: PushCharge, _ state: PushHistory.State, late: Bool = false, in database: Database, now: Int64,
        limits: PushLimits
    ) throws {
        let values = charge.values + [.integer(state.rawValue), .integer(now)]
        if late {
            try database.run(.settleLatePush, values + [.integer(PushHistory.State.abandoned.rawValue)])
        } else {
            try database.run(.settlePush, values)
        }
        let history = try PushHistory.of(charge.person, in: database, now: now, window: limits.window)
        guard let until = spentUntil(history, now: now, limits: limits) else { return }
        try stop(charge.person, .denials, until: until, in: database)
    }

    private static func spentUntil(_ history: PushHistory, now: Int64, limits: PushLimits) -> Int64? {
        let failures = history.failures(now: now, window: limits.window)
        guard failures.count >= limits.maxDenied, let last = failures.max() else { return nil }
        let until = last + limits.cooldown.milliseconds
        return until > now ? until : nil
    }

    private static func stop(_ person: Person, _ why: Why, until: Int64, in database: Database) throws {
        try database.run(.insertStop, person.values + [.integer(why.rawValue), .integer(until)])
    }

    private static func sweep(_ database: Database, now: Int64, limits: PushLimits) throws {
        try database.run(
            .deleteOldPushes, [.integer(now - max(limits.window, limits.cooldown).milliseconds - PushHistory.margin)])
        try database.run(.deleteEndedStops, [.integer(now)])
    }
}

extension Person {
    fileprivate var values: [SQLValue] { [.integer(Int64(uid)), .text(duoUser)] }
}

extension PushCharge {
    /// Of a charge that is not settled yet.
    fileprivate var values: [SQLValue] {
        [.integer(id)] + person.values + [.integer(charged), .integer(PushHistory.State.pending.rawValue)]
    }
}
