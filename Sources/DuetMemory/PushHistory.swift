import CSQLite

/// The pushes and calls of one person in the last while, and what follows from them.
struct PushHistory {
    /// Never zero. Approved ones are not kept.
    enum State: Int64 {
        case pending = 1
        case denied = 2
        case fraud = 3
        case timedOut = 4
        case abandoned = 5
        /// Passcodes that were sent by SMS: no push, and counted for themselves.
        case text = 6
    }

    struct Push {
        let uid: UInt32
        let duoUser: String
        let charged: Int64
        let state: State
        let settled: Int64?
        let isForgiven: Bool
    }

    /// After this nobody can approve it on the phone; a daemon that died cannot say so.
    static let longestPending: Int64 = 60_000
    /// What is kept beyond the window: more than the longest login.
    static let margin: Int64 = 600_000

    let person: Person
    let pushes: [Push]

    static func of(_ person: Person, in database: Database, now: Int64, window: Duration = .zero) throws -> PushHistory
    {
        let values: [SQLValue] = [
            .integer(Int64(person.uid)), .text(person.duoUser), .integer(now - window.milliseconds - margin),
        ]
        let pushes = try database.rows(.pushesOfPerson, values) { row in
            guard let state = State(rawValue: try row.integer(3)) else { throw SQLiteError(code: SQLITE_CORRUPT) }
            return Push(
                uid: try row.uid(0), duoUser: try row.text(1), charged: try row.time(2), state: state,
                settled: try row.optionalTime(4), isForgiven: try row.integer(5) != 0)
        }
        return PushHistory(person: person, pushes: pushes)
    }

    /// Still on the phone: of the uid or of the Duo user, whichever has more.
    func pending(now: Int64) -> Int {
        larger(pushes.filter { $0.state == .pending && now < $0.charged + Self.longestPending }).count
    }

    /// When those that count against the budget ended: of the uid or of the Duo user, whichever has more.
    func failures(now: Int64, window: Duration) -> [Int64] {
        let since = now - window.milliseconds
        let failed = pushes.filter { !$0.isForgiven && (Self.failed($0, now: now) ?? .min) > since }
        return larger(failed).compactMap { Self.failed($0, now: now) }
    }

    /// When passcodes were sent by SMS that no right passcode followed: of the uid or of the Duo user, whichever has more.
    func texts(now: Int64, window: Duration) -> [Int64] {
        larger(pushes.filter { $0.state == .text && !$0.isForgiven && $0.charged > now - window.milliseconds })
            .map(\.charged)
    }

    /// Whether the user pressed deny or reported fraud since then.
    func wasRefused(since begun: Int64) -> Bool {
        pushes.contains { push in
            switch push.state {
            case .denied, .fraud: (push.settled ?? .max) >= begun
            case .pending, .timedOut, .abandoned, .text: false
            }
        }
    }

    private static func failed(_ push: Push, now: Int64) -> Int64? {
        switch push.state {
        case .pending: now < push.charged + longestPending ? nil : push.charged + longestPending
        case .denied, .fraud, .timedOut, .abandoned: push.settled
        case .text: nil
        }
    }

    private func larger(_ pushes: [Push]) -> [Push] {
        let ofUID = pushes.filter { $0.uid == person.uid }
        let ofDuoUser = pushes.filter { $0.duoUser == person.duoUser }
        return ofUID.count > ofDuoUser.count ? ofUID : ofDuoUser
    }
}
