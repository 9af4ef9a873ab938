/// One answer of auth_status: what a client is told about a transaction.
package struct TransactionStep: Sendable, Equatable {
    package var result: String
    package var status: String
    package var message: String
    /// Issued with an allow to users whose devices are remembered.
    var deviceToken: String?

    var isFinal: Bool { result != "waiting" }

    /// Statuses whose text a users file may replace.
    static let knownStatuses = [
        "calling", "answered", "pushed", "push_failed", "timeout", "fraud", "deny", "locked_out", "sent", "allow",
        "bypass",
    ]

    static func waiting(_ status: String, _ message: String) -> Self {
        .init(result: "waiting", status: status, message: message)
    }
    static func denied(_ status: String, _ message: String) -> Self {
        .init(result: "deny", status: status, message: message)
    }
    static let allowed = Self(result: "allow", status: "allow", message: "Success. Logging you in...")
    static let bypassed = Self(result: "allow", status: "bypass", message: "Success. Logging you in...")
    static let lockedOut = denied(
        "locked_out", "Your account has been locked out due to excessive authentication failures.")
    static let wrongPasscode = denied("deny", "Incorrect passcode. Please try again.")
    static let smsSent = denied("sent", "New SMS passcodes sent.")

    var json: JSON {
        var json: [String: JSON] = [
            "result": .string(result), "status": .string(status), "status_msg": .string(message),
        ]
        json["trusted_device_token"] = deviceToken.map(JSON.string)
        return .object(json)
    }
}
