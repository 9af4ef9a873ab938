import ArgumentParser
import DuoAdminAPI

/// `duet-admin accounts`
struct Accounts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, make and delete child accounts.",
        discussion: "This needs the keys of an Accounts API application. --account on other verbs works on a child.",
        subcommands: [AccountList.self, AccountCreate.self, AccountDelete.self])
}

struct AccountList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List child accounts.")

    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run(.accounts) { desk in
            let accounts = try await desk.explaining { (admin) throws(AdminError) in try await admin.accounts() }
            desk.show(
                table: ["NAME", "ID", "API HOST"],
                accounts.map { ($0.json, [$0.name, $0.id, "\($0.host)"]) }, nothing: "There are no child accounts.")
        }
    }
}

struct AccountCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Make a child account.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run(.accounts) { desk in
            let account = try await desk.change(
                { () throws(AdminError) in AdminAPI.createAccount(name) }, "create account \(name)"
            ) { (admin, call) throws(AdminError) in try admin.createdAccount(try await admin.send(call)) }
            desk.show(account.json, "Account \(account.name) (\(account.id)) was made, at \(account.host).")
        }
    }
}

struct AccountDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a child account with everything in it.")

    @Argument(help: "Name or id.")
    var name: String

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run(.accounts) { desk in
            let account = try await desk.explaining { (admin) throws(AdminError) in try await admin.account(name) }
            try desk.confirm("Delete account \(account.name) (\(account.id)) with everything in it?", yes: yes)
            try await desk.change(
                try AdminAPI.deleteAccount(account.id), "delete account \(account.name) (\(account.id))")
            desk.show(.object(["deleted": .string(account.id)]), "Account \(account.name) was deleted.")
        }
    }
}
