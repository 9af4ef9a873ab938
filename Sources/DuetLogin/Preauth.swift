import DuoAPI

/// What a login goes by: Duo's answer, and where it comes from.
struct Preauth: Sendable {
    let result: PreauthResult
    let source: Source

    enum Source: Sendable {
        /// Duo, asked by this login at that time.
        case duo(asked: Duration)
        /// Asked while the password was typed.
        case ahead
        /// Of an earlier login.
        case kept(KeptPreauths.Answer)
    }
}

extension Preauth {
    var isKept: Bool {
        switch source {
        case .kept: true
        case .duo, .ahead: false
        }
    }

    /// What a later login may go by, once Duo has allowed a factor.
    var keepable: KeptPreauths.Answer? {
        switch (source, result) {
        case (.kept(let answer), _): answer
        case (.duo(let asked), .auth(let devices, _, nil)): KeptPreauths.Answer(devices: devices, asked: asked)
        case (.duo, .auth), (.duo, .allow), (.duo, .deny), (.duo, .enroll), (.ahead, _): nil
        }
    }
}
