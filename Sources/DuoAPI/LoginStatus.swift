/// Duo's `status` beside a `result`. For messages and logs; what counts is the result.
package enum LoginStatus: Sendable, Equatable {
    case calling, answered, pushed, pushFailed
    case timeout, fraud, deny, lockedOut, sent
    case allow, bypass
    /// A word that did not exist when this was written, safe to print.
    case other(String)

    package init(_ word: String) {
        self = Self.known[word] ?? .other(Printable(word, limit: 64).text)
    }

    /// Duo's own word.
    package var word: String {
        if case .other(let word) = self { return word }
        return Self.known.first { $0.value == self }?.key ?? ""
    }

    private static let known: [String: LoginStatus] = [
        "calling": .calling, "answered": .answered, "pushed": .pushed, "push_failed": .pushFailed,
        "timeout": .timeout, "fraud": .fraud, "deny": .deny, "locked_out": .lockedOut, "sent": .sent,
        "allow": .allow, "bypass": .bypass,
    ]

    /// Ends a login, and with a denial, whatever `result` says. Duo's pages disagree on the result that comes with
    /// `timeout`; the others never come with "allow" or "waiting", and if they do, the safe reading wins.
    var isFinalDenial: Bool {
        switch self {
        case .timeout, .fraud, .deny, .lockedOut, .sent: true
        case .calling, .answered, .pushed, .pushFailed, .allow, .bypass, .other: false
        }
    }
}
