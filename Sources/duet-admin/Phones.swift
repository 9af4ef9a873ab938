import ArgumentParser
import DuoAdminAPI

/// `duet-admin phones`
struct Phones: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, make, activate and delete phones, and give them to users.",
        subcommands: [
            PhoneList.self, PhoneShow.self, PhoneCreate.self, PhoneDelete.self, PhoneAssociate.self,
            PhoneDissociate.self, PhoneActivationURL.self, PhoneSMSActivation.self, PhoneSMSInstallation.self,
            PhoneSMSPasscodes.self,
        ])
}

/// The phone that a verb is about.
struct PhoneArgument: ParsableArguments {
    @Argument(help: "Id, or number with its country: +15550100100.")
    var phone: String
}

/// A phone as text.
enum PhoneText {
    static func line(_ phone: Phone) -> String {
        let words = [
            phone.number + (phone.lineExtension.isEmpty ? "" : " ext. \(phone.lineExtension)"), phone.name,
            phone.platform, phone.isActivated ? "activated" : "not activated", "(\(phone.id))",
        ]
        return words.filter { !$0.isEmpty }.joined(separator: ", ").replacing(", (", with: " (")
    }

    static func details(_ phone: Phone) -> String {
        let seen = phone.lastSeen
        var lastSeen = seen?.text ?? ""
        if case .integer(let time)? = seen { lastSeen = When.text(time) }
        return Desk.details([
            ("phone", phone.id), ("number", phone.number), ("extension", phone.lineExtension), ("name", phone.name),
            ("type", phone.type), ("platform", phone.platform), ("model", phone.model),
            ("activated", phone.isActivated ? "yes" : "no"), ("can", phone.capabilities.joined(separator: ", ")),
            ("last seen", lastSeen), ("users", phone.users.joined(separator: ", ")),
        ])
    }
}

struct PhoneList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List phones.")

    @Option(help: "Only those of this user, by name, alias or id.")
    var user: String?

    @Option(help: "Only the one with this number.")
    var number: String?

    @Option(help: "So many at most.")
    var limit: Int?

    @OptionGroup var options: DeskOptions

    func validate() throws {
        guard limit.map({ $0 > 0 }) ?? true else { throw ValidationError("--limit must be at least 1") }
        guard user == nil || number == nil else { throw ValidationError("give --user or --number, not both") }
    }

    func run() async throws {
        try await options.run { desk in
            let bar = ProgressBar("phones")
            defer { bar.erase() }
            let (owner, phones) = try await desk.explaining { (admin) throws(AdminError) in
                var owner: User?
                if let user { owner = try await admin.user(user) }
                return (
                    owner,
                    try await admin.phones(userID: owner?.id, number: number, limit: limit, progress: bar.report)
                )
            }
            bar.erase()
            desk.show(
                table: ["NUMBER", "NAME", "PLATFORM", "ACTIVATED", "USERS", "ID"],
                phones.map { phone in
                    (
                        phone.json,
                        [
                            phone.number, phone.name, phone.platform, phone.isActivated ? "yes" : "no",
                            owner?.name ?? phone.users.joined(separator: ", "), phone.id,
                        ]
                    )
                }, nothing: "There are no such phones.")
        }
    }
}

struct PhoneShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a phone.")

    @OptionGroup var argument: PhoneArgument
    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            let phone = try await desk.explaining { (admin) throws(AdminError) in try await admin.phone(argument.phone)
            }
            desk.show(phone.json, PhoneText.details(phone))
        }
    }
}
