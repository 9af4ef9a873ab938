import DuetPolicy

/// What name services have said of a login's people, as far as they have been asked. What the local files know, or what is
/// still believed, is not asked for.
struct DirectoryAnswers: Sendable {
    enum Found: Sendable {
        case account(Account)
        /// This host does not know them.
        case nobody
    }

    var account: Found?
    var person: Found?
    var groups: RuleFacts.Groups?
}
