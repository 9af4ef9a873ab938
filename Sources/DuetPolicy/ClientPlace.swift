/// Where a login comes from, as a rule names it.
package enum ClientPlace: Sendable, Hashable, CustomStringConvertible {
    /// No client address, and a terminal of this machine's own: sudo over ssh has no client address either.
    case local
    case range(AddressRange)

    package var description: String {
        switch self {
        case .local: "local"
        case .range(let range): range.description
        }
    }

    func truth(_ facts: RuleFacts) -> Truth {
        switch (self, facts.client) {
        case (.local, .none): Truth(facts.isOnConsole)
        case (.local, .address), (.local, .unclear): .no
        case (.range, .none): .no
        case (.range(let range), .address(let address)): Truth(range.contains(address))
        case (.range, .unclear): .unknown
        }
    }

    /// Whether every login from `other` comes from here too.
    func covers(_ other: ClientPlace) -> Bool {
        switch (self, other) {
        case (.local, .local): true
        case (.range(let range), .range(let other)): range.contains(other)
        case (.local, .range), (.range, .local): false
        }
    }
}
