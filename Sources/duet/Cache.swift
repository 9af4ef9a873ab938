import ArgumentParser
import DuetWire
import FoundationEssentials
import Glibc

/// `duet cache`: the decisions that the daemon remembers.
struct Cache: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show or forget the decisions that the daemon remembers.",
        subcommands: [List.self, Show.self, Forget.self, Clear.self], defaultSubcommand: List.self)

    struct Filter: ParsableArguments {
        @Option(help: "Only those of this user of this host.", completion: .users)
        var user: String?

        @Option(help: "Only those of this PAM service.", completion: .services)
        var service: String?

        @Option(
            help: "Only those with this scope: tty, parent, login, key or user.",
            completion: .list(["tty", "parent", "login", "key", "user"]))
        var scope: String?

        var value: CacheFilter { CacheFilter(user: user, service: service, scope: scope) }
    }

    struct Place: ParsableArguments {
        @Flag(help: "Print JSON.")
        var json = false

        @Option(help: "The daemon's control socket.", completion: .file())
        var controlSocket = ControlClient.defaultSocket

        func ask(_ verb: String, _ filter: CacheFilter) throws -> [UInt8] {
            let arguments = String(decoding: try JSONEncoder().encode(filter), as: UTF8.self)
            do {
                return try ControlClient(path: controlSocket).ask(ControlRequest(verb: verb, arguments: arguments))
            } catch {
                try Terminal.fail(json: json, what: "refused", error.sentence(path: controlSocket))
                try ExitStatus.down.exit()
                return []
            }
        }

        func list(_ filter: CacheFilter) throws -> (document: [UInt8], decisions: [CacheReport.Entry]) {
            let document = try ask("cache-list", filter)
            return (document, try JSONDecoder().decode(CacheReport.self, from: Data(document)).decisions)
        }

        func forget(_ filter: CacheFilter) throws {
            let document = try ask("cache-forget", filter)
            guard !json else { return print(String(decoding: document, as: UTF8.self)) }
            let count = try JSONDecoder().decode(ForgetReport.self, from: Data(document)).forgotten
            print(count == 1 ? "1 decision was forgotten." : "\(count) decisions were forgotten.")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the decisions that are remembered.",
            discussion: "Exit code: 0, or 2 when the daemon does not answer.")
        @OptionGroup var filter: Filter
        @OptionGroup var place: Place

        func run() throws {
            let (document, decisions) = try place.list(filter.value)
            guard !place.json else { return print(String(decoding: document, as: UTF8.self)) }
            guard !decisions.isEmpty else { return print("Nothing is remembered.") }
            let head = ["ID", "WHAT", "USER", "SERVICE", "SCOPE", "FACTOR", "AGE", "LEFT", "USED"]
            print(Table.text([head] + decisions.map(Cache.row)))
            if decisions.count == CacheReport.most {
                print("Only the first \(CacheReport.most) are shown: name a user or a service.")
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one decision: what it is bound to, and why it was made.",
            discussion: "Exit code: 0, 1 there is none with this id, 2 the daemon does not answer.")
        @Argument(help: "Its id, from duet cache list.")
        var id: Int64
        @OptionGroup var place: Place

        func run() throws {
            let (document, decisions) = try place.list(CacheFilter(id: id))
            guard let decision = decisions.first else {
                try Terminal.fail(json: place.json, what: "missing", "no decision \(id) is remembered")
                return try ExitStatus.degraded.exit()
            }
            guard !place.json else { return print(String(decoding: document, as: UTF8.self)) }
            print(Table.text(Cache.details(decision)))
        }
    }

    struct Forget: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget one decision, or those of a user, service or scope.",
            discussion: "For root. Exit code: 0, or 2 when the daemon refuses or does not answer.")
        @Argument(help: "Its id, from duet cache list.")
        var id: Int64?
        @OptionGroup var filter: Filter
        @OptionGroup var place: Place

        func validate() throws {
            guard id != nil || filter.value != CacheFilter() else {
                throw ValidationError("name an id, --user, --service or --scope; duet cache clear forgets everything")
            }
        }

        func run() throws {
            var value = filter.value
            value.id = id
            try place.forget(value)
        }
    }

    struct Clear: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget everything: every login is asked again.",
            discussion: "For root. Exit code: 0 done, 1 not confirmed, 2 the daemon refuses or does not answer.")
        @Flag(help: "Do not ask.")
        var yes = false
        @OptionGroup var place: Place

        func run() throws {
            guard yes || Terminal.confirms("Forget every remembered decision?") else {
                Terminal.warn("duet: nothing was forgotten; --yes does it without asking")
                return try ExitStatus.degraded.exit()
            }
            try place.forget(CacheFilter())
        }
    }

    private static func row(_ entry: CacheReport.Entry) -> [String] {
        [
            "\(entry.id)", entry.verdict, entry.user, entry.service, entry.scope, entry.factor ?? "-",
            StatusText.age(entry.age), StatusText.age(entry.remaining), uses(entry),
        ]
    }

    private static func uses(_ entry: CacheReport.Entry) -> String {
        entry.usesLeft.map { "\(entry.used) of \(entry.used + $0)" } ?? "\(entry.used)"
    }

    private static func details(_ entry: CacheReport.Entry) -> [[String]] {
        [
            ["decision", "\(entry.id), \(entry.verdict)"], ["user", "\(entry.user), at Duo \(entry.duoUser)"],
            ["made by", "\(entry.service), login \(entry.login)"], ["because of", entry.why],
            ["bound to", "\(entry.bound) (scope \(entry.scope))"], ["made", "\(StatusText.age(entry.age)) ago"],
            ["ends", "in \(StatusText.age(entry.remaining))"], ["used", uses(entry)],
        ]
    }
}
