/// How a login ends. Nobody may drop it, and no switch over it has a `default`.
package enum Decision: Sendable, Equatable {
    case allow(AllowReason)
    /// The rule says that this host's other modules decide.
    case ignore(AllowReason)
    /// A wrong passcode: the host may ask again.
    case retry(RetryReason)
    /// The host must not ask again.
    case deny(DenyReason)
    /// This host does not know the user.
    case unknownUser
}

/// Why a login is let in. The raw value is the stable word in logs and in the verdict.
package enum AllowReason: String, Sendable, CaseIterable {
    /// A factor was approved.
    case duoAllow = "duo_allow"
    /// Duo's policy asks no second factor of this user now.
    case duoBypass = "duo_bypass"
    /// Duo could not be reached at preauth, and the rule says `fail = "open"`.
    case failOpen = "fail_open"
    /// An earlier allow still holds.
    case remembered
    /// A code that an administrator gave out.
    case bypassCode = "bypass_code"
    /// The rule asks nobody.
    case policyBypass = "policy_bypass"
    /// An administrator has suspended the second factor.
    case suspended
}

package enum RetryReason: String, Sendable, CaseIterable {
    case wrongPasscode = "wrong_passcode"
}

/// Why a login is refused.
package enum DenyReason: String, Sendable, CaseIterable {
    /// Duo's preauth or the person pressing deny.
    case duoDeny = "duo_deny"
    case duoFraud = "duo_fraud"
    case duoTimeout = "duo_timeout"
    case duoLockedOut = "duo_locked_out"
    /// The user has to enroll first; the portal's address was shown.
    case duoEnroll = "duo_enroll"
    /// Duo could not be reached at preauth, and the rule says `fail = "closed"`.
    case duoUnreachable = "duo_unreachable"
    case duoCertificate = "duo_certificate"
    /// 401 or 403: wrong keys, or the clock.
    case duoUnauthorized = "duo_unauthorized"
    /// Anything else that Duo refused or that was not understood, and every failure after preauth.
    case duoError = "duo_error"
    /// The rule refuses.
    case policyDeny = "policy_deny"
    /// No rule matches.
    case noRule = "no_rule"
    /// The rule for names finds none for this user.
    case noDuoName = "no_duo_name"
    /// No push for now, and no other factor was used.
    case pushLimit = "push_limit"
    /// None of the user's devices can do what the rule allows.
    case noFactor = "no_factor"
    /// The last passcode was wrong, and asking again would push again.
    case wrongPasscode = "wrong_passcode"
    /// The person gave no answer that means anything.
    case noAnswer = "no_answer"
    case timedOut = "timed_out"
    /// A limit on logins in flight is reached.
    case tooManyLogins = "too_many_logins"
    case stopping
    /// An administrator has ended it.
    case cancelled
    /// The configuration does not stand.
    case notConfigured = "not_configured"
    /// The host's user directory did not answer.
    case directoryFailed = "directory_failed"
}
