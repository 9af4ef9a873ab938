/// What the phone shows with a push. All of it is optional.
package struct PushDetails: Sendable, Equatable {
    /// Changes the wording of the notification ("<type> request").
    package var type: String?
    /// Shown instead of the user name.
    package var displayUsername: String?
    /// Lines shown in the app, in this order; below 20 000 bytes once encoded.
    package var info: [Line]
    /// The transaction that `preauth` opened for a Verified Push; goes with a push and with nothing else.
    package var verified: TransactionID?

    package struct Line: Sendable, Equatable {
        package let title: String
        package let text: String

        package init(_ title: String, _ text: String) {
            self.title = title
            self.text = text
        }
    }

    package init(
        type: String? = nil, displayUsername: String? = nil, info: [Line] = [], verified: TransactionID? = nil
    ) {
        self.type = type
        self.displayUsername = displayUsername
        self.info = info
        self.verified = verified
    }
}
