package import DuetPolicy

/// What a login must have in common with a prefetch to be served by its answer: the process that asks, and everything that
/// Duo was told.
package struct PrefetchKey: Sendable, Hashable {
    /// The PAM host, one process of one boot: a pid that is used again has another start time.
    let pid: UInt32
    let start: UInt64
    let user: String
    let duoUser: String
    /// Which application of which Duo.
    let application: String
    let service: String
    let address: ClientAddress?
    let supportsVerifiedPush: Bool

    package init(
        pid: UInt32, start: UInt64, user: String, duoUser: String, application: String, service: String,
        address: ClientAddress?, supportsVerifiedPush: Bool
    ) {
        self.pid = pid
        self.start = start
        self.user = user
        self.duoUser = duoUser
        self.application = application
        self.service = service
        self.address = address
        self.supportsVerifiedPush = supportsVerifiedPush
    }
}
