/// Reads one table of the document key by key. Keys that nobody asked for are errors.
package struct TableReader {
    package let name: String
    package let position: SourcePosition?
    private let entries: [String: TOMLNode]
    let reader: ConfigurationReader

    package init(name: String, node: TOMLNode?, reader: ConfigurationReader) {
        self.name = name
        self.reader = reader
        position = node?.position
        switch node?.value {
        case .table(let entries):
            self.entries = entries
        case .none:
            entries = [:]
        case .array, .string, .integer, .float, .boolean, .time:
            entries = [:]
            reader.report("\(name) must be a table", at: node?.position, hint: "write [\(name)] on a line of its own")
        }
    }

    private init(name: String, position: SourcePosition?, entries: [String: TOMLNode], reader: ConfigurationReader) {
        (self.name, self.position, self.entries, self.reader) = (name, position, entries, reader)
    }

    /// The same table with these entries.
    func with(name: String? = nil, _ entries: [String: TOMLNode]) -> TableReader {
        TableReader(name: name ?? self.name, position: position, entries: entries, reader: reader)
    }

    package var nodes: [String: TOMLNode] { entries }

    subscript(key: String) -> TOMLNode? { entries[key] }

    package func table(_ key: String) -> TableReader {
        TableReader(name: key, node: entries[key], reader: reader)
    }

    /// Reports each key outside `known`; `foreign` maps names from elsewhere (duo_unix) to ours.
    package func refuseUnknown(known: [String], foreign: [String: String] = [:]) {
        for (key, node) in entries where !known.contains(key) {
            let place = name.isEmpty ? "" : " in [\(name)]"
            let kind = if case .table = node.value { "table [\(key)]" } else { "key \"\(key)\"\(place)" }
            let near = foreign[key] ?? SpellingHint.nearest(to: key, in: known).map { "did you mean \"\($0)\"?" }
            let choices = "known here: " + known.joined(separator: ", ")
            reader.report("unknown \(kind)", at: node.position, hint: near ?? choices)
        }
    }

    package func string(_ key: String) -> (text: String, position: SourcePosition)? {
        guard let node = entries[key] else { return nil }
        guard case .string(let text) = node.value else {
            reader.report(
                "\"\(key)\" must be a text, not \(node.kind)", at: node.position,
                hint: "put the value in double quotes: \(key) = \"…\"")
            return nil
        }
        return (text, node.position)
    }

    /// A text that must be there.
    package func required(_ key: String, example: String) -> (text: String, position: SourcePosition)? {
        if entries[key] == nil {
            reader.report("[\(name)] has no \"\(key)\"", at: position, hint: "add \(key) = \"\(example)\"")
        }
        return string(key)
    }

    /// One of the raw values of `Choice`.
    func choice<Choice>(_ key: String, foreign: [String: String] = [:]) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let (text, position) = string(key) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        report(text, for: key, at: position, choices: Choice.allCases.map(\.rawValue), foreign: foreign)
        return nil
    }

    /// A list of raw values of `Choice`, none twice, at least one.
    func choices<Choice>(_ key: String) -> [Choice]?
    where Choice: RawRepresentable<String> & CaseIterable & Equatable {
        guard let node = entries[key] else { return nil }
        let all = Choice.allCases.map(\.rawValue)
        guard case .array(let elements) = node.value else {
            let example = all.prefix(2).map { "\"\($0)\"" }.joined(separator: ", ")
            reader.report(
                "\"\(key)\" must be a list, not \(node.kind)", at: node.position, hint: "write \(key) = [\(example)]")
            return nil
        }
        var chosen: [Choice] = []
        for element in elements {
            guard case .string(let text) = element.value, let choice = Choice(rawValue: text) else {
                let text = if case .string(let text) = element.value { text } else { element.kind }
                report(text, for: key, at: element.position, choices: all, foreign: [:])
                continue
            }
            if chosen.contains(choice) {
                reader.report("\"\(choice.rawValue)\" stands twice in \"\(key)\"", at: element.position)
            }
            chosen.append(choice)
        }
        if elements.isEmpty { reader.report("\"\(key)\" is empty: nobody could log in", at: node.position) }
        return chosen
    }

    /// A duration such as "100s", "15m", "12h" within `range`.
    func duration(_ key: String, in range: ClosedRange<Duration>) -> Duration? {
        guard let (text, position) = string(key) else { return nil }
        guard let duration = DurationText.parse(text) else {
            reader.report(
                "\"\(text)\" is no duration", at: position,
                hint: "a whole number and s, m or h: \(key) = \"\(DurationText.render(range.upperBound))\"")
            return nil
        }
        guard range.contains(duration) else {
            let least = DurationText.render(range.lowerBound)
            let most = DurationText.render(range.upperBound)
            reader.report("\"\(key)\" must lie between \(least) and \(most), not \(text)", at: position)
            return nil
        }
        return duration
    }

    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let node = entries[key] else { return nil }
        guard case .integer(let number) = node.value else {
            reader.report(
                "\"\(key)\" must be a whole number, not \(node.kind)", at: node.position,
                hint: "write it without quotes: \(key) = \(range.upperBound)")
            return nil
        }
        guard range.contains(Int(number)) else {
            reader.report(
                "\"\(key)\" must lie between \(range.lowerBound) and \(range.upperBound), not \(number)",
                at: node.position)
            return nil
        }
        return Int(number)
    }

    func boolean(_ key: String) -> Bool? {
        guard let node = entries[key] else { return nil }
        guard case .boolean(let flag) = node.value else {
            reader.report(
                "\"\(key)\" must be true or false, not \(node.kind)", at: node.position,
                hint: "write it without quotes: \(key) = true")
            return nil
        }
        return flag
    }

    /// Says what is wrong with the value of a key that was read.
    func refuse(_ key: String, _ message: String, hint: String? = nil) {
        reader.report("\"\(key)\" \(message)", at: entries[key]?.position ?? position, hint: hint)
    }

    private func report(
        _ text: String, for key: String, at position: SourcePosition, choices: [String], foreign: [String: String]
    ) {
        let near = foreign[text] ?? SpellingHint.nearest(to: text, in: choices).map { "did you mean \"\($0)\"?" }
        reader.report(
            "\"\(text)\" is not a value of \"\(key)\"", at: position,
            hint: near ?? "one of: " + choices.joined(separator: ", "))
    }
}
