/// What Duo says about a user before any factor. The texts are Duo's, safe to print.
package enum PreauthResult: Sendable, Equatable {
    /// In without a second factor: bypass status, trusted network, policy.
    case allow(statusMessage: String)
    /// Also every `result` that did not exist when this was written.
    case deny(statusMessage: String)
    /// Refused until the user has enrolled a device at `portalURL` (https, valid for five minutes).
    case enroll(statusMessage: String, portalURL: String?)
    /// A factor is needed. `verifiedPush` is there when a push has to carry a code.
    case auth(devices: [Device], statusMessage: String, verifiedPush: VerifiedPush?)
}

/// A push that the user confirms by typing a code into Duo Mobile.
package struct VerifiedPush: Sendable, Equatable {
    /// For `PushDetails.verified`; dead 60 s after preauth.
    package let transaction: TransactionID
    /// Three to six digits, to be shown to the user. A text, because of leading zeros.
    package let code: String
    /// Unix seconds.
    package let expiration: Int64?

    package init(transaction: TransactionID, code: String, expiration: Int64?) {
        self.transaction = transaction
        self.code = code
        self.expiration = expiration
    }
}
