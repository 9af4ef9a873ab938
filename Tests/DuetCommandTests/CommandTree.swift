import Foundation

/// A program's verbs and options, as it says itself: `--experimental-dump-help`.
struct CommandTree: Decodable {
    struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String
        }

        let kind: String
        let names: [Name]?
        let preferredName: Name?
        let valueName: String?
        let abstract: String?
        let shouldDisplay: Bool?

        /// `--json`; nil of a positional argument.
        var option: String? { preferredName.map { ($0.kind == "short" ? "-" : "--") + $0.name } }
        var isOurs: Bool { shouldDisplay != false && !["help", "version"].contains(preferredName?.name) }
    }

    let commandName: String
    let abstract: String?
    let discussion: String?
    let arguments: [Argument]?
    let subcommands: [CommandTree]?

    static func of(_ program: String) async throws -> CommandTree {
        struct Document: Decodable {
            let command: CommandTree
        }
        let path = Command.folder.appendingPathComponent(program).path
        let result = try await Command.run(path, ["--experimental-dump-help"])
        return try JSONDecoder().decode(Document.self, from: Data(result.output.utf8)).command
    }

    /// Every verb that does something, by the words that lead to it: `cache list`.
    var verbs: [(name: String, command: CommandTree)] {
        (subcommands ?? []).filter { $0.commandName != "help" }.flatMap { child in
            let below = child.verbs
            return below.isEmpty
                ? [(child.commandName, child)] : below.map { ("\(child.commandName) \($0.name)", $0.command) }
        }
    }

    var options: [Argument] { (arguments ?? []).filter(\.isOurs) }
}
