/// A transaction as tests and the phone see it.
package struct TransactionSummary: Sendable, Equatable, Codable {
    package var txid: String
    package var user: String
    package var displayUsername: String?
    package var factor: String
    package var device: String?
    package var deviceName: String?
    /// Status of the latest step: `pushed`, `answered`, `allow`, `deny`, `timeout` …
    package var state: String
    package var result: String
    package var pushinfo: String?
    package var type: String?
    package var ipaddr: String?
    package var hostname: String?
    package var async: Bool
    /// Calls of auth_status so far.
    package var polls: Int
    /// A status poll or a sync auth request is being held open right now.
    package var waiting: Bool
    /// Nobody has answered yet.
    package var pending: Bool
    package var verificationCode: String?
    package var secondsLeft: Int?

    enum CodingKeys: String, CodingKey {
        case txid, user, factor, device, state, result, pushinfo, type, ipaddr, hostname, async, polls, waiting, pending
        case displayUsername = "display_username"
        case deviceName = "device_name"
        case verificationCode = "verification_code"
        case secondsLeft = "seconds_left"
    }
}
