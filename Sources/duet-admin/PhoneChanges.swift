import ArgumentParser
import DuetCommandLine
import DuoAdminAPI

extension PhoneChange.Kind: ExpressibleByArgument {}

extension PhoneChange.Platform: ExpressibleByArgument {
    public init?(argument: String) {
        guard let platform = Self.allCases.first(where: { $0.word == argument || $0.rawValue == argument }) else {
            return nil
        }
        self = platform
    }

    public static var allValueStrings: [String] { allCases.map(\.word) }
    public var defaultValueDescription: String { word }
}

struct PhoneCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Make a phone.")

    @Argument(help: "Number with its country: +15550100100; empty for a tablet.")
    var number: String

    @Option(help: "A name for it.")
    var name: String?

    @Option(name: .customLong("extension"), help: "The extension of a landline.")
    var lineExtension: String?

    @Option(help: "What it is. The app can be activated on a mobile phone.")
    var type = PhoneChange.Kind.mobile

    @Option(help: "What it runs. The app can be activated where that is known.")
    var platform = PhoneChange.Platform.other

    @Option(help: "Give it to this user, by name, alias or id.")
    var user: String?

    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            var owner: User?
            if let user {
                owner = try await desk.explaining { (admin) throws(AdminError) in try await admin.user(user) }
            }
            var change = PhoneChange()
            change.number = number
            change.name = name
            change.lineExtension = lineExtension
            change.kind = type
            change.platform = platform
            let wanted = change
            let json = try await desk.change(try AdminAPI.createPhone(wanted), "create phone \(number)")
            let phone = try await desk.explaining { (_) throws(AdminError) in try Phone(json) }
            if let owner {
                try await desk.change(
                    try AdminAPI.associate(phoneID: phone.id, userID: owner.id),
                    "give phone \(phone.label) (\(phone.id)) to user \(owner.name) (\(owner.id))")
            }
            desk.show(
                json,
                "Phone \(phone.label) (\(phone.id)) was made" + (owner.map { ", for user \($0.name)." } ?? "."))
        }
    }
}

struct PhoneDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a phone, for all its users.")

    @OptionGroup var argument: PhoneArgument

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            let phone = try await desk.explaining { (admin) throws(AdminError) in try await admin.phone(argument.phone)
            }
            let users = phone.users.isEmpty ? "It has no user." : "Its users: \(phone.users.joined(separator: ", "))."
            try desk.confirm("Delete phone \(phone.label) (\(phone.id))? \(users)", yes: yes)
            try await desk.change(try AdminAPI.deletePhone(phone.id), "delete phone \(phone.label) (\(phone.id))")
            desk.show(.object(["deleted": .string(phone.id)]), "Phone \(phone.label) was deleted.")
        }
    }
}

struct PhoneAssociate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "associate", abstract: "Give a phone to a user.")

    @OptionGroup var argument: PhoneArgument

    @Argument(help: "The user, by name, alias or id.")
    var user: String

    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            let (phone, user) = try await desk.explaining { (admin) throws(AdminError) in
                (try await admin.phone(argument.phone), try await admin.user(self.user))
            }
            try await desk.change(
                try AdminAPI.associate(phoneID: phone.id, userID: user.id),
                "give phone \(phone.label) (\(phone.id)) to user \(user.name) (\(user.id))")
            desk.show(
                .object(["phone_id": .string(phone.id), "user_id": .string(user.id)]),
                "Phone \(phone.label) is \(user.name)'s.")
        }
    }
}

struct PhoneDissociate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dissociate", abstract: "Take a phone from a user. The phone stays.")

    @OptionGroup var argument: PhoneArgument

    @Argument(help: "The user, by name, alias or id.")
    var user: String

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            let (phone, user) = try await desk.explaining { (admin) throws(AdminError) in
                (try await admin.phone(argument.phone), try await admin.user(self.user))
            }
            guard user.phones.contains(where: { $0.id == phone.id }) else {
                throw Refusal(sentence: "phone \(phone.label) is not \(user.name)'s", status: .degraded)
            }
            let last = user.phones.count == 1 ? " It is the only one." : ""
            try desk.confirm("Take phone \(phone.label) (\(phone.id)) from user \(user.name)?\(last)", yes: yes)
            try await desk.change(
                try AdminAPI.dissociate(phoneID: phone.id, userID: user.id),
                "take phone \(phone.label) (\(phone.id)) from user \(user.name) (\(user.id))")
            desk.show(
                .object(["phone_id": .string(phone.id), "user_id": .string(user.id)]),
                "Phone \(phone.label) is not \(user.name)'s any more.")
        }
    }
}
