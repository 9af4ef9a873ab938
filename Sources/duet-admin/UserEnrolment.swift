import ArgumentParser
import DuoAPI
import DuoAdminAPI
import Glibc

struct UserEnroll: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enroll", abstract: "Send a user a mail with a link for enrolling a phone.")

    @Argument(help: "The name; who is not there yet is made.")
    var name: String

    @Option(help: "Where the mail goes.")
    var email: String

    @Option(name: .customLong("valid"), help: "How long the link is good: 45m, 8h, 30d, or 0 for ever.")
    var valid = Life.hours(30 * 24)

    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            let call = AdminAPI.enrollUser(name, email: email, validSeconds: valid.seconds)
            try await desk.change(call, "send user \(name) a mail for enrolling")
            desk.show(.object(["enrolling": .string(name)]), "Duo sends a mail to \(email).")
        }
    }
}

struct UserSync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Have Duo take a user over from a directory that it is connected to.")

    @Argument(help: "The name in the directory.")
    var name: String

    @Option(help: "The directory's key, from its page in the Duo Admin Panel.")
    var directoryKey: String

    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            let json = try await desk.change(
                try AdminAPI.syncUser(name, directoryKey: directoryKey),
                "sync user \(name) from directory \(directoryKey)")
            desk.show(json, json["message"]?.text ?? "User \(name) was taken over.")
        }
    }
}

struct UserSyncProfile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync-profile",
        abstract: "Give a user of Duo's the real name and e-mail address of a Unix account.",
        discussion: """
            The real name is the first field of the account's GECOS, the address the first field with an @ in it; \
            what the account lacks stays as it is at Duo.
            """)

    @Argument(help: "Name, alias or id at Duo.")
    var user: String

    @Option(help: ArgumentHelp("The Unix account. Without it: the user's name at Duo.", valueName: "name"))
    var unixAccount: String?

    @Option(
        help: ArgumentHelp("The address of an account that has none is its name at this domain.", valueName: "domain"))
    var mailDomain: String?

    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            let user = try await desk.explaining { (admin) throws(AdminError) in try await admin.user(self.user) }
            let name = unixAccount ?? user.name
            guard let entry = UnixAccount(name) else {
                throw Refusal(
                    sentence:
                        "this host knows no account \"\(Printable(name, limit: 256).text)\": name another with --unix-account"
                )
            }
            var change = UserChange()
            if !entry.realName.isEmpty, entry.realName != user.realName { change.realName = entry.realName }
            let email = entry.email ?? mailDomain.map { "\(name)@\($0)" }
            if let email, email != user.email { change.email = email }
            guard !change.isEmpty else { return desk.show(user.json, "User \(user.name) has these already.") }
            let json = try await desk.change(
                try AdminAPI.updateUser(user.id, change),
                "update user \(user.name) (\(user.id)) from the Unix account \(name)")
            let changed = try await desk.explaining { (_) throws(AdminError) in try User(json) }
            desk.show(json, UserText.details(changed))
        }
    }
}
