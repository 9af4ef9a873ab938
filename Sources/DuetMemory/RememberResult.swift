/// What became of the wish to remember a decision. Nothing here changes the decision itself.
package enum RememberResult: Sendable, Equatable {
    case remembered(id: Int64)
    case notRemembered(Reason)

    package enum Reason: Sendable, Equatable {
        /// The rule gives it no time or no uses.
        case nothingToRemember
        /// Names that no host has.
        case keyTooLong
        /// The user pressed deny, or reported fraud, while this login was in flight.
        case deniedMeanwhile
        case storeFails(MemoryTrouble)
    }
}

extension RememberResult.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .nothingToRemember: "the rule gives it no time"
        case .keyTooLong: "its names are too long"
        case .deniedMeanwhile: "another login was denied meanwhile"
        case .storeFails(let trouble): "\(trouble)"
        }
    }
}
