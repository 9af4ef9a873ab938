import ArgumentParser
import DuoAdminAPI

/// `duet-admin bypass-codes`
struct BypassCodes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bypass-codes", abstract: "List, make and delete bypass codes.",
        subcommands: [BypassCodeList.self, BypassCodeShow.self, BypassCodeCreate.self, BypassCodeDelete.self],
        aliases: ["bypass"])
}

struct BypassCodeList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List bypass codes. The codes themselves nobody can see again.")

    @Argument(help: "Only those of this user, by name, alias or id.")
    var user: String?

    @Option(help: "So many at most.")
    var limit: Int?

    @OptionGroup var options: DeskOptions

    func validate() throws {
        guard limit.map({ $0 > 0 }) ?? true else { throw ValidationError("--limit must be at least 1") }
    }

    func run() async throws {
        try await options.run { desk in
            let bar = ProgressBar("bypass codes")
            defer { bar.erase() }
            let (owner, codes) = try await desk.explaining { (admin) throws(AdminError) in
                var owner: User?
                if let user { owner = try await admin.user(user) }
                let codes = try await admin.bypassCodes(userID: owner?.id, limit: limit, progress: bar.report)
                return (owner, codes)
            }
            bar.erase()
            desk.show(
                table: ["ID", "USER", "USES LEFT", "MADE", "ENDS", "MADE BY"],
                codes.map { code in
                    (
                        code.json,
                        [
                            code.id, code.user ?? owner?.name ?? "", code.usesLeft.map { "\($0)" } ?? "no limit",
                            When.text(code.created), code.expiration == nil ? "never" : When.text(code.expiration),
                            code.admin,
                        ]
                    )
                }, nothing: "There are no bypass codes.")
        }
    }
}

struct BypassCodeShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what is known of a bypass code.")

    @Argument(help: "Its id, from bypass-codes list.")
    var id: String

    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            let code = try await desk.explaining { (admin) throws(AdminError) in try await admin.bypassCode(id) }
            desk.show(
                code.json,
                Desk.details([
                    ("bypass code", code.id), ("user", code.user ?? ""),
                    ("uses left", code.usesLeft.map { "\($0)" } ?? "no limit"), ("made", When.text(code.created)),
                    ("made by", code.admin),
                    ("ends", code.expiration == nil ? "never" : When.text(code.expiration) + " UTC"),
                ]))
        }
    }
}

struct BypassCodeDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete a bypass code.")

    @Argument(help: "Its id, from bypass-codes list.")
    var id: String

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            let code = try await desk.explaining { (admin) throws(AdminError) in try await admin.bypassCode(id) }
            let what = "bypass code \(code.id)" + (code.user.map { " of user \($0)" } ?? "")
            try desk.confirm("Delete \(what)?", yes: yes)
            try await desk.change(try AdminAPI.deleteBypassCode(code.id), "delete \(what)")
            desk.show(.object(["deleted": .string(code.id)]), "Deleted: \(what).")
        }
    }
}
