import ArgumentParser
import DuetCommandLine
import DuetConfiguration
import DuetPolicy
import FoundationEssentials
import Glibc

/// `duet users`: the list that the condition `enabled` means, changed without editing rules.
struct Users: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show or change whom the condition `enabled` of a rule means.",
        discussion: "The daemon looks at the list at each login; nothing has to be reloaded.",
        subcommands: [List.self, Enable.self, Disable.self], defaultSubcommand: List.self)

    struct Place: ParsableArguments {
        @Flag(help: "Print JSON.")
        var json = false

        @Option(
            name: [.customLong("configuration"), .customLong("config")],
            help: "The configuration file; the list lies beside it.",
            completion: .file())
        var path = Configuration.defaultPath

        func read() throws -> Set<ExactName> { try known(ManagedUsers(besideConfiguration: path).read()) }

        private func known(_ list: ManagedUsers.List) throws -> Set<ExactName> {
            switch list {
            case .known(let names): return names
            case .unknown(let why):
                try Terminal.fail(json: json, what: "unknown", why)
                try ExitStatus.down.exit()
                return []
            }
        }

        func change(_ names: [String], _ change: (inout Set<ExactName>, ExactName) -> Void) throws {
            let list: ManagedUsers.List
            do {
                list = try ManagedUsers(besideConfiguration: path).change { users in
                    for name in names { change(&users, ExactName(name)) }
                }
            } catch {
                try Terminal.fail(json: json, what: "refused", "\(error)")
                return try ExitStatus.down.exit()
            }
            try show(try known(list))
        }

        func show(_ users: Set<ExactName>) throws {
            let names = users.map(\.description).sorted()
            if json {
                print(String(decoding: try JSONEncoder().encode(["enabled": names]), as: UTF8.self))
            } else {
                print(names.isEmpty ? "Nobody is enabled." : names.joined(separator: "\n"))
            }
        }
    }

    struct Names: ParsableArguments {
        @Argument(help: "Names of users of this host.")
        var names: [String]

        func validate() throws {
            for name in names {
                let isPlain = name.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F && $0 != ":" }
                guard !name.isEmpty, isPlain, !name.hasPrefix("#"), name.utf8.count <= 256 else {
                    throw ValidationError("\"\(name)\" is no user name")
                }
            }
        }

        /// Says of whom this host knows nothing: a slip is likelier than a user to come.
        func warnOfStrangers() {
            for name in names where getpwnam(name) == nil {
                Terminal.warn("duet: this host knows no user \"\(name)\"; the name is kept all the same")
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the users who are enabled.", discussion: "Exit code: 0, or 2 when the list cannot be read.")
        @OptionGroup var place: Place
        func run() throws { try place.show(try place.read()) }
    }

    struct Enable: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put users on the list.", discussion: "Exit code: 0, or 2 when the list cannot be written.")
        @OptionGroup var names: Names
        @OptionGroup var place: Place
        func run() throws {
            names.warnOfStrangers()
            try place.change(names.names) { $0.insert($1) }
        }
    }

    struct Disable: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take users off the list.", discussion: "Exit code: 0, or 2 when the list cannot be written.")
        @OptionGroup var names: Names
        @OptionGroup var place: Place
        func run() throws { try place.change(names.names) { $0.remove($1) } }
    }
}
