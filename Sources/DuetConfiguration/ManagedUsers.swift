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
                    text.split(separator: "\n").filter { !$0.isEmpty && !$0.hasPrefix("#") }.map {
                        ExactName(String($0))
                    }))
        }
    }

    package func write(_ names: Set<ExactName>) throws {
        let lines = names.map(\.description).sorted()
        try file.write((["# Written by duet users: whom `enabled` means."] + lines).map { $0 + "\n" }.joined())
    }
}

/// Where the switches lie: in the folder of the configuration.
enum SwitchFolder {
    static func path(of name: String, besideConfiguration configuration: String) -> String {
        let folder = configuration.lastIndex(of: "/").map { String(configuration[...$0]) } ?? ""
        return folder + name
    }
}
