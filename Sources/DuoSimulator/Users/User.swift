/// A user of the simulated cloud as the users file describes it.
package struct User: Sendable, Equatable {
    /// What preauth says. `other` goes out as it is, to try a client with a result that it does not know.
    package enum Preauth: Sendable, Equatable {
        case auth, allow, deny, enroll
        case other(String)

        var word: String {
            switch self {
            case .auth: "auth"
            case .allow: "allow"
            case .deny: "deny"
            case .enroll: "enroll"
            case .other(let word): word
            }
        }
    }

    package struct BypassCode: Sendable, Equatable {
        package var code: String
        /// nil: any number of times.
        package var uses: Int?
        /// Unix seconds.
        package var created = 1_600_000_000
        /// Unix seconds; nil: never.
        package var expiration: Int?

        var id: String { Identifier.make("DB", from: code) }
    }

    package var name: String
    package var aliases: [String] = []
    package var id: String
    package var preauth: Preauth = .auth
    package var statusMessage: String?
    package var enrollPortalURL: String?
    /// Texts by status, in place of the ordinary ones.
    package var texts: [String: String] = [:]
    package var auto: AutoAnswer?
    /// Digits to be typed into the app; set means that policy demands a verified push.
    package var verificationCode: String?
    /// The push cannot be delivered at once: `push_failed` in place of `pushed`.
    package var pushFails = false
    /// Every call that names this user fails with this code.
    package var failureCode: Int?
    /// Addresses from which preauth allows without a second factor.
    package var trustedAddresses: [String] = []
    package var devices: [Device] = []
    package var appPasscodes: [String] = []
    package var tokenPasscodes: [String] = []
    package var bypassCodes: [BypassCode] = []
    /// An allow comes with a token that preauth takes in place of a factor.
    package var remembersDevices = false

    /// Names and aliases match without regard to case.
    func answers(to name: String) -> Bool {
        let name = name.lowercased()
        return self.name.lowercased() == name || aliases.contains { $0.lowercased() == name }
    }
}
