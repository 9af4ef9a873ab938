import ArgumentParser
import DuoAdminAPI

/// `duet-admin users`
struct Users: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, show, make, change and delete users.",
        subcommands: [
            UserList.self, UserShow.self, UserCreate.self, UserUpdate.self, UserDelete.self, UserEnroll.self,
            UserSync.self, UserSyncProfile.self,
        ])
}

struct UserList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List users.")

    @Option(help: "The one with this name or alias.")
    var username: String?

    @Option(help: "Those with this e-mail address.")
    var email: String?

    @Option(help: "Only those with this status: active, bypass, disabled, \"locked out\", \"pending deletion\".")
    var status: String?

    @Flag(help: "Only those without a phone, token or other authenticator.")
    var notEnrolled = false

    @Option(help: "So many at most.")
    var limit: Int?

    @OptionGroup var options: DeskOptions

    func validate() throws {
        guard limit.map({ $0 > 0 }) ?? true else { throw ValidationError("--limit must be at least 1") }
        guard username == nil || email == nil else { throw ValidationError("give --username or --email, not both") }
    }

    func run() async throws {
        try await options.run { desk in
            // A filter of ours needs the whole list.
            let isFiltered = status != nil || notEnrolled
            let bar = ProgressBar("users")
            defer { bar.erase() }
            var users = try await desk.explaining { (admin) throws(AdminError) in
                try await admin.users(
                    username: username, email: email, limit: isFiltered ? nil : limit, progress: bar.report)
            }
            if let status { users = users.filter { $0.status == status } }
            if notEnrolled { users = users.filter { !$0.isEnrolled } }
            bar.erase()
            desk.show(
                table: ["NAME", "STATUS", "REAL NAME", "E-MAIL", "PHONES", "LAST LOGIN", "ID"],
                users.prefix(limit ?? .max).map { user in
                    (
                        user.json,
                        [
                            user.name, user.status, user.realName, user.email, "\(user.phones.count)",
                            When.text(user.lastLogin), user.id,
                        ]
                    )
                }, nothing: "There are no such users.")
        }
    }
}

struct UserShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a user: status, devices, groups, last login.",
        discussion: "The status of a group can override the user's own.")

    @Argument(help: "Name, alias or id.")
    var user: String

    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            let user = try await desk.explaining { (admin) throws(AdminError) in try await admin.user(self.user) }
            desk.show(user.json, UserText.details(user))
        }
    }
}

/// A user as lines of text.
enum UserText {
    static func details(_ user: User) -> String {
        let groups = user.groups.map { $0.status.isEmpty ? $0.name : "\($0.name) (\($0.status))" }
        return Desk.details(
            [
                ("user", "\(user.name) (\(user.id))"), ("real name", user.realName), ("e-mail", user.email),
                ("aliases", user.aliases.joined(separator: ", ")),
                ("status", user.status + (user.lockoutReason.isEmpty ? "" : ": \(user.lockoutReason)")),
                ("enrolled", user.isEnrolled ? "yes" : "no"), ("groups", groups.joined(separator: ", ")),
            ]
                + user.phones.map { ("phone", PhoneText.line($0)) } + user.tokens.map { ("token", $0) }
                + [
                    ("other devices", user.otherAuthenticators == 0 ? "" : "\(user.otherAuthenticators)"),
                    ("last login", user.lastLogin == nil ? "never" : When.text(user.lastLogin) + " UTC"),
                    ("made", When.text(user.created)), ("directory sync", When.text(user.lastDirectorySync)),
                    ("notes", user.notes),
                ])
    }
}
