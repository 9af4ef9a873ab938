import ArgumentParser
import DuetConfiguration

/// Which verb was meant by one that there is not. For options the argument parser does the same.
enum VerbSuggestion {
    /// More edits make another word.
    private static let mostEdits = 2

    /// Nil when the verbs in `arguments` are all there.
    static func sentence(for arguments: [String], in root: any ParsableCommand.Type) -> String? {
        var command = root
        var path = root._commandName
        for word in arguments {
            let children = command.configuration.subcommands
            guard !children.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
            if let child = children.first(where: { $0._commandName == word }) {
                command = child
                path += " " + word
                continue
            }
            let names = children.map { $0._commandName }
            let near = names.map { (name: $0, edits: SpellingHint.distance(word.lowercased(), $0)) }
                .filter { $0.edits <= mostEdits && $0.edits < word.count }.min { $0.edits < $1.edits }
            let hint =
                near.map { "did you mean \"\(path) \($0.name)\"?" } ?? "there are: " + names.joined(separator: ", ")
            return "there is no \"\(path) \(word.plain)\"; \(hint)"
        }
        return nil
    }
}
