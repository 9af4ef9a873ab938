/// What the daemon answers to `logins`, as JSON: those in flight, the oldest first.
package struct LoginsReport: Codable, Sendable, Equatable {
    /// Logins in one answer.
    package static let most = 1_000

    package struct Entry: Codable, Sendable, Equatable {
        package var id: String
        package var user: String
        package var service: String
        package var rhost: String?
        package var tty: String?
        /// The real uid of the process that asks.
        package var caller: UInt32
        /// `duet login`.
        package var isTrial: Bool
        /// A few words, such as `prompt`; nil at the very beginning.
        package var waitingFor: String?
        /// Seconds since it began.
        package var age: Double

        package init(
            id: String, user: String, service: String, rhost: String?, tty: String?, caller: UInt32, isTrial: Bool,
            waitingFor: String?, age: Double
        ) {
            self.id = id
            self.user = user
            self.service = service
            self.rhost = rhost
            self.tty = tty
            self.caller = caller
            self.isTrial = isTrial
            self.waitingFor = waitingFor
            self.age = age
        }
    }

    package var logins: [Entry]
    /// In all.
    package var inFlight: Int

    package init(logins: [Entry], inFlight: Int) {
        self.logins = logins
        self.inFlight = inFlight
    }
}

/// The arguments of `logins-cancel`, and its answer.
package struct CancelOrder: Codable, Sendable, Equatable {
    package var id: String
    /// Who asks, where root is somebody's: for the log.
    package var by: String?

    package init(id: String, by: String?) {
        self.id = id
        self.by = by
    }
}
