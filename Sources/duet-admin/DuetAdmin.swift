import ArgumentParser
import DuetWire

/// The help desk's commands. One file for each group of verbs.
@main
struct DuetAdmin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "duet-admin",
        abstract: "Administer users, phones and bypass codes at Duo.",
        discussion: """
            Exit code: 0 done, 1 not done because nobody agreed or Duo knows no such thing, 2 failed. What asks before \
            it is done takes --yes, and without a terminal does nothing unless it is given.
            """,
        version: DuetVersion.current,
        subcommands: [
            Check.self, Users.self, BypassCodes.self, Phones.self, Settings.self, Accounts.self, API.self,
        ])
}
