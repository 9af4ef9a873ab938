import DuetLogin

/// What an audit record says, in one word: a message of the journal of its own each, explained in etc/duet.catalog.
enum AuditKind: String, Sendable, Codable, CaseIterable {
    case allowed
    /// Let in because Duo could not be reached and the rule says `fail = "open"`.
    case failOpen = "fail_open"
    /// Let in because an administrator has suspended the second factor.
    case suspended
    /// Left to the host's other modules.
    case ignored
    /// A wrong passcode: the host may ask again.
    case retry
    case denied
    /// Refused for what an administrator has to mend: the configuration, the keys, the way to Duo.
    case trouble
    case unknownUser = "unknown_user"
    /// Nobody waited for the verdict any more.
    case abandoned
    /// The person refused a push or call when its login had gone: no login, but what became of the push of one.
    case lateRefusal = "late_refusal"
    /// `duet login`, however it ended: nobody has logged in.
    case trial

    /// Of how a login ended; nil: nobody was left to hear a verdict.
    init(_ decision: Decision?) {
        switch decision {
        case .allow(.failOpen): self = .failOpen
        case .allow(.suspended): self = .suspended
        case .allow: self = .allowed
        case .ignore: self = .ignored
        case .retry: self = .retry
        case .deny(.notConfigured), .deny(.duoCertificate), .deny(.duoUnauthorized), .deny(.duoUnreachable):
            self = .trouble
        case .deny: self = .denied
        case .unknownUser: self = .unknownUser
        case nil: self = .abandoned
        }
    }

    /// Of a trial it is that of how it ended.
    var level: AuditRecord.Level {
        switch self {
        case .failOpen, .suspended: .critical
        case .trouble: .error
        case .allowed, .ignored, .retry, .denied, .unknownUser, .abandoned, .lateRefusal, .trial: .notice
        }
    }

    /// MESSAGE_ID (systemd.journal-fields(7)). Never changed, never used for another kind.
    var messageID: String {
        switch self {
        case .allowed: "3e6b9579224e4ac78a81ba622f2a0d9c"
        case .failOpen: "4014764e844d4e388ba02325d3fabb0e"
        case .suspended: "c18a96dbf92c4baea58624945145d12c"
        case .ignored: "6fe65ce9b0b0472fa6a3dc1836e86cf2"
        case .retry: "be7c0f56690d4d6b8e9a44ff3365564a"
        case .denied: "f7059431ba014739ab8d7574d9a887ea"
        case .trouble: "b651a86521494aafb7aeb0eb00a4fca2"
        case .unknownUser: "d602161191cb47e2ae52b4f4aa765961"
        case .abandoned: "f94093a95e66451cb22096cf4b90f135"
        case .lateRefusal: "414cd3647aab4fbea10b3a10160b786e"
        case .trial: "a8ed1196cdeb4661af6085c5c57e1055"
        }
    }
}
