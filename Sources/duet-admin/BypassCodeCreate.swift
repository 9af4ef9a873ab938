import ArgumentParser
import DuetCommandLine
import DuoAdminAPI
import Glibc
import Secrets

/// The codes are shown this once.
struct BypassCodeCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make bypass codes for a user: passcodes that Duo takes in place of a phone.",
        discussion: "They are shown once, and on a terminal only unless --plain is given.")

    @Argument(help: "Name, alias or id.")
    var user: String

    @Option(help: "How many, from 1 to 10.")
    var count = 1

    @Option(help: "How long they are good: 45m, 8h, 7d, or 0 for ever.")
    var valid = Life.hours(24)

    @Option(help: "How often each of them counts; 0 for any number of times.")
    var uses = 1

    @Flag(inversion: .prefixedNo, help: "Whether the codes that the user has stay good.")
    var keep = true

    @Flag(help: "Print nothing but the codes, also where there is no terminal.")
    var plain = false

    @Flag(help: "Do not ask. Only --no-keep does.")
    var yes = false

    @OptionGroup var options: DeskOptions

    func validate() throws {
        guard NewBypassCodes.counts.contains(count) else { throw ValidationError("--count must be from 1 to 10") }
        guard (0...1_000_000).contains(uses) else { throw ValidationError("--uses must be 0 or more") }
    }

    func run() async throws {
        try await options.run { desk in
            // Before they are made: nobody could see them again.
            guard plain || isatty(STDOUT_FILENO) == 1 else {
                throw Refusal(
                    sentence: "nothing was done: codes are shown on a terminal only; --plain prints them anywhere",
                    status: .degraded)
            }
            let user = try await desk.explaining { (admin) throws(AdminError) in try await admin.user(self.user) }
            if !keep { try desk.confirm("Delete the bypass codes that user \(user.name) has?", yes: yes) }
            var new = NewBypassCodes(count: count)
            new.uses = uses == 0 ? nil : uses
            new.validSeconds = valid.seconds == 0 ? nil : valid.seconds
            new.keepsExisting = keep
            let wanted = new
            let what =
                "create \(count) bypass \(count == 1 ? "code" : "codes") for user \(user.name) (\(user.id))"
                + (keep ? "" : ", deleting those there are")
            let codes = try await desk.change(
                { () throws(AdminError) in try AdminAPI.createBypassCodes(userID: user.id, wanted) }, what
            ) { (admin, call) throws(AdminError) in try await admin.codes(call) }
            show(codes, of: user)
        }
    }

    private func show(_ codes: [Secret], of user: User) {
        if options.json {
            print("[", terminator: "")
            for (index, code) in codes.enumerated() { put(code, before: index == 0 ? "\"" : ", \"", after: "\"") }
            return print("]")
        }
        for code in codes { put(code, before: "", after: "\n") }
        guard !plain else { return }
        let life = valid.seconds == 0 ? "for ever" : "for \(valid.defaultValueDescription)"
        let times = uses == 0 ? "any number of times" : uses == 1 ? "once" : "\(uses) times"
        print("For user \(user.name), \(codes.count == 1 ? "" : "each ")good \(times), \(life). Not shown again.")
    }

    /// Past every buffer that would keep it.
    private func put(_ code: Secret, before: String, after: String) {
        print(before, terminator: "")
        fflush(nil)
        code.withBytes { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        print(after, terminator: "")
    }
}
