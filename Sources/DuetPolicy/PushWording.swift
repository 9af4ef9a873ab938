/// How a push names the login and the user. Nil leaves it to Duo.
package struct PushWording: Sendable, Equatable {
    /// In front of "request" in the notification.
    package var type: String?
    /// Instead of the user name. `{user}`, `{host}` and `{service}` stand for the login's own.
    package var displayUsername: String?

    package init(type: String? = nil, displayUsername: String? = nil) {
        self.type = type
        self.displayUsername = displayUsername
    }

    package func displayUsername(user: String, host: String, service: String) -> String? {
        // One pass: a user called "{host}" stays one.
        displayUsername.map { template in
            var rest = template[...]
            var text = ""
            while let brace = rest.firstIndex(of: "{") {
                text += rest[..<brace]
                rest = rest[brace...]
                let names = [("{user}", user), ("{host}", host), ("{service}", service)]
                guard let (name, value) = names.first(where: { rest.hasPrefix($0.0) }) else {
                    text.append(rest.removeFirst())
                    continue
                }
                text += value
                rest = rest.dropFirst(name.count)
            }
            return text + rest
        }
    }
}
