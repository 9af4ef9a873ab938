import ArgumentParser
import DuoAdminAPI

/// What can be said of a user.
struct UserFields: ParsableArguments {
    @Option(help: "Real name.")
    var realName: String?

    @Option(help: "First name.")
    var firstName: String?

    @Option(help: "Last name.")
    var lastName: String?

    @Option(help: "E-mail address.")
    var email: String?

    @Option(help: "active, bypass (no second factor) or disabled. active also ends a lock-out.")
    var status: UserChange.Status?

    @Option(help: "Notes.")
    var notes: String?

    @Option(
        name: .customLong("alias"), help: "An alias; may be given up to 8 times. These are all: others are taken away.")
    var aliases: [String] = []

    func validate() throws {
        guard aliases.count <= UserChange.mostAliases else {
            throw ValidationError("a user has at most \(UserChange.mostAliases) aliases")
        }
    }

    var change: UserChange {
        var change = UserChange()
        change.realName = realName
        change.firstName = firstName
        change.lastName = lastName
        change.email = email
        change.status = status
        change.notes = notes
        change.aliases = aliases.isEmpty ? nil : aliases
        return change
    }
}

extension UserChange.Status: ExpressibleByArgument {}

struct UserCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Make a user.")

    @Argument(help: "The name.")
    var name: String

    @OptionGroup var fields: UserFields
    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            var change = fields.change
            change.name = name
            let json = try await desk.change(AdminAPI.createUser(change), "create user \(name)")
            let user = try await desk.explaining { (_) throws(AdminError) in try User(json) }
            desk.show(json, "User \(user.name) (\(user.id)) was made.")
        }
    }
}

struct UserUpdate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Change a user.", discussion: "An empty text takes a value away.")

    @Argument(help: "Name, alias or id.")
    var user: String

    @Option(help: "Another name.")
    var name: String?

    @Flag(help: "Take all aliases away.")
    var noAliases = false

    @OptionGroup var fields: UserFields
    @OptionGroup var options: DeskOptions

    private var change: UserChange {
        var change = fields.change
        change.name = name
        if noAliases { change.aliases = [] }
        return change
    }

    func validate() throws {
        guard !change.isEmpty else { throw ValidationError("say what is to be changed: --help lists it") }
        guard !noAliases || fields.aliases.isEmpty else {
            throw ValidationError("give --alias or --no-aliases, not both")
        }
    }

    func run() async throws {
        try await options.run { desk in
            let user = try await desk.explaining { (admin) throws(AdminError) in try await admin.user(self.user) }
            let change = change
            let json = try await desk.change(
                try AdminAPI.updateUser(user.id, change), "update user \(user.name) (\(user.id))")
            let changed = try await desk.explaining { (_) throws(AdminError) in try User(json) }
            desk.show(json, UserText.details(changed))
        }
    }
}

struct UserDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a user, at once and for good. Their phones stay.")

    @Argument(help: "Name, alias or id.")
    var user: String

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            let user = try await desk.explaining { (admin) throws(AdminError) in try await admin.user(self.user) }
            let phones = user.phones.map(\.label)
            let what = user.realName.isEmpty ? user.name : "\(user.name), \(user.realName)"
            try desk.confirm(
                "Delete user \(what) (\(user.id)) for good? Phones stay"
                    + (phones.isEmpty ? "." : ": \(phones.joined(separator: ", "))."), yes: yes)
            try await desk.change(try AdminAPI.deleteUser(user.id), "delete user \(user.name) (\(user.id))")
            desk.show(
                .object(["deleted": .string(user.id), "phones": .array(user.phones.map { .string($0.id) })]),
                "User \(user.name) was deleted."
                    + (phones.isEmpty ? "" : " Phones that stay: \(phones.joined(separator: ", "))."))
        }
    }
}
