package import DuetPolicy

/// All that a preauth tells Duo: an answer serves a login that would say the same, and no other. The application is that of
/// the `KeptPreauths`.
package struct PreauthKey: Sendable, Hashable {
    let duoUser: String
    let address: ClientAddress?
    let host: String
    let supportsVerifiedPush: Bool

    package init(duoUser: String, address: ClientAddress?, host: String, supportsVerifiedPush: Bool) {
        self.duoUser = duoUser
        self.address = address
        self.host = host
        self.supportsVerifiedPush = supportsVerifiedPush
    }
}
