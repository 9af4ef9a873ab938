import FoundationEssentials

/// What changes about a user while the cloud runs.
struct Account: Sendable {
    var failures = 0
    var isLocked = false
    var smsPasscodes: [String] = []
    var usedPasscodes: Set<String> = []
    /// Uses left of bypass codes that have a limit.
    var bypassUses: [String: Int] = [:]
    /// The verified push that the latest preauth offered.
    var verifiedPush: VerifiedPushOffer?
    /// What remembered devices show to preauth.
    private var deviceTokens: [(token: String, expiresAt: Duration)] = []

    /// How long a device is remembered.
    private static let rememberedFor = Duration.seconds(30 * 86_400)
    private static let rememberedDevices = 100

    /// A new token for a device, of the form that Duo's have; the oldest gives way.
    mutating func rememberDevice(of user: User, now: Duration) -> String {
        let random = Digest.hex((0..<32).map { _ in UInt8.random(in: 0...255) })
        let token = "\(Data(user.id.utf8).base64EncodedString())|\(Int.random(in: 1...999_999_999))|\(random)"
        deviceTokens = deviceTokens.suffix(Self.rememberedDevices - 1) + [(token, now + Self.rememberedFor)]
        return token
    }

    func remembersDevice(_ token: String, now: Duration) -> Bool {
        deviceTokens.contains { Digest.equal($0.token, token) && now < $0.expiresAt }
    }

    /// Takes a passcode of any kind; each one counts once.
    /// - Returns: the step that allows, nil if it is no good.
    mutating func use(_ passcode: String, of user: User) -> TransactionStep? {
        if let index = smsPasscodes.firstIndex(of: passcode) {
            smsPasscodes.remove(at: index)
            return .allowed
        }
        if let bypass = user.bypassCodes.first(where: { $0.code == passcode }) {
            guard let uses = bypass.uses else { return .bypassed }
            let left = bypassUses[passcode] ?? uses
            guard left > 0 else { return nil }
            bypassUses[passcode] = left - 1
            return .bypassed
        }
        guard (user.appPasscodes + user.tokenPasscodes).contains(passcode) else { return nil }
        return usedPasscodes.insert(passcode).inserted ? .allowed : nil
    }

    /// New SMS passcodes replace the old ones; the n-th of a batch starts with the digit n.
    mutating func sendSMS(count: Int) {
        smsPasscodes = (1...count).map { index in
            "\(index % 10)" + (0..<6).map { _ in "\(Int.random(in: 0...9))" }.joined()
        }
    }
}
