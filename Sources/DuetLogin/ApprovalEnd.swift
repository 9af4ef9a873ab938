package import DuetMemory
package import DuoAPI

/// How a push or a call came to its end.
package enum ApprovalEnd: Sendable {
    case answered(AuthResult)
    case failed(DuoError)
    /// None was sent.
    case stopped(PushStop)
    /// None was sent: Duo would still wait when the login is over.
    case tooLate
    /// Duo kept saying "wait" for longer than anybody would.
    case endless

    /// The person pressed "deny" or "fraud".
    var isRefusal: Bool {
        switch outcome {
        case .denied, .fraud: true
        case .approved, .timedOut, .abandoned: false
        }
    }

    /// What the person's budget is charged with.
    var outcome: PushOutcome {
        switch self {
        case .answered(.allow(_, _)): .approved
        case .answered(.deny(.deny, _)): .denied
        case .answered(.deny(.fraud, _)): .fraud
        case .answered(.deny(.timeout, _)): .timedOut
        case .answered(.deny(_, _)), .failed, .stopped, .tooLate, .endless: .abandoned
        }
    }
}
