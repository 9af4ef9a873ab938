/// What a name service has to be asked for before a login can be judged.
enum DirectoryNeed: Sendable {
    case account
    case person
    case groups(Account)
}
