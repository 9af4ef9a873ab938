package import DuetPolicy
import FoundationEssentials

/// The users whom the condition `enabled` means: `duet users` writes the list, one name a line.
package struct ManagedUsers: Sendable {
    package enum List: Sendable, Equatable {
        case known(Set<ExactName>)
        /// Why it cannot be believed.
        case unknown(String)
    }

    private let file: SwitchFile

    /// The list beside the configuration file at `configuration`.
    package init(besideConfiguration configuration: String) {
        file = SwitchFile(path: SwitchFolder.path(of: "users", besideConfiguration: configuration))
    }

    /// No list is an empty one.
    package func read() -> List {
        switch file.read() {
        case .missing: .known([])
        case .unusable(let why): .unknown(why)
        case .text(let text):
            .known(
                Set(
                    text.textLines.filter { !$0.isEmpty && !$0.hasPrefix("#") }.map { ExactName($0) }))
        }
    }

    package func write(_ names: Set<ExactName>) throws {
        let lines = names.map(\.description).sorted()
        try file.write((["# Written by duet users: whom `enabled` means."] + lines).map { $0 + "\n" }.joined())
    }

    /// Reads, changes and writes while no other process does: else the later would undo the earlier. Nil: not believed.
    package func change(_ change: (inout Set<ExactName>) -> Void) throws -> List {
        try file.alone {
            guard case .known(var names) = read() else { return read() }
            change(&names)
            try write(names)
            return .known(names)
        }
    }
}

/// Where the switches lie: in the folder of the configuration.
enum SwitchFolder {
    static func path(of name: String, besideConfiguration configuration: String) -> String {
        let folder = configuration.lastIndex(of: "/").map { String(configuration[...$0]) } ?? ""
        return folder + name
    }
}
