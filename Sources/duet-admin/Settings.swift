import ArgumentParser
import DuetCommandLine
import DuoAdminAPI

/// `duet-admin settings`
struct Settings: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show or change the settings of the Duo account.",
        subcommands: [SettingsShow.self, SettingsUpdate.self])
}

struct SettingsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show the settings.")

    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            let settings = try await desk.explaining { (admin) throws(AdminError) in try await admin.settings() }
            guard case .object(let members) = settings else {
                throw Refusal(sentence: "the answer of \(desk.admin.host) cannot be understood: no settings")
            }
            let lines = members.sorted { $0.key < $1.key }.map { name, value in
                [JSONValue.string(name).text ?? "", value == .null ? "(not set)" : value.text ?? value.line]
            }
            desk.show(settings, Table.text(lines))
        }
    }
}

struct SettingsUpdate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Change settings, after showing what changes.",
        discussion: "They hold for everybody in the account, so it asks.")

    @Argument(help: ArgumentHelp("Settings with their new values.", valueName: "name=value"))
    var settings: [Assignment]

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var options: DeskOptions

    func validate() throws {
        guard Set(settings.map(\.name)).count == settings.count else { throw ValidationError("a setting stands twice") }
    }

    func run() async throws {
        try await options.run { desk in
            let wanted = settings.map { (name: $0.name, value: $0.value) }
            let changes = try await desk.explaining { (admin) throws(AdminError) in
                // What is wrong with them is said before Duo is asked.
                _ = try AdminAPI.changes(wanted, current: .null)
                return try AdminAPI.changes(wanted, current: try await admin.settings())
            }
            guard !changes.isEmpty else { return desk.show(.object([:]), "These are the settings already.") }
            let diff = changes.map { "- \($0.name) = \($0.before ?? "(not set)")\n+ \($0.name) = \($0.after)" }
            if !desk.json { print(diff.joined(separator: "\n")) }
            try desk.confirm("Change \(changes.count == 1 ? "this" : "these") for the whole account?", yes: yes)
            let json = try await desk.change(
                AdminAPI.updateSettings(changes), "change settings \(changes.map(\.name).joined(separator: ", "))")
            desk.show(json, "Changed.")
        }
    }
}
