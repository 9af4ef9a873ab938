/// Lists, and tables in them.
extension TableReader {
    /// A list of texts, none twice, at least one. Elements that are no texts are reported and left out.
    func texts(_ key: String, example: String) -> [(text: String, position: SourcePosition)]? {
        guard let node = self[key] else { return nil }
        guard case .array(let elements) = node.value else {
            let written = if case .string(let text) = node.value { text } else { example }
            reader.report(
                "\"\(key)\" must be a list, not \(node.kind)", at: node.position,
                hint: "write \(key) = [\"\(written)\"]")
            return nil
        }
        if elements.isEmpty {
            reader.report("\"\(key)\" is an empty list", at: node.position, hint: "write \(key) = [\"\(example)\"]")
        }
        var texts: [(text: String, position: SourcePosition)] = []
        for element in elements {
            guard case .string(let text) = element.value else {
                reader.report(
                    "\"\(key)\" is a list of texts, and this is \(element.kind)", at: element.position,
                    hint: "put it in double quotes")
                continue
            }
            if texts.contains(where: { $0.text.utf8.elementsEqual(text.utf8) }) {
                reader.report("\"\(text)\" stands twice in \"\(key)\"", at: element.position)
            }
            texts.append((text, element.position))
        }
        return texts
    }

    /// The tables `[[key]]`, in the order of the document.
    func tables(_ key: String) -> [TableReader] {
        guard let node = self[key] else { return [] }
        guard case .array(let elements) = node.value else {
            reader.report(
                "\"\(key)\" must be a list of tables, not \(node.kind)", at: node.position,
                hint: "write [[\(key)]] with two brackets, once for each")
            return []
        }
        return elements.map { TableReader(name: "[\(key)]", node: $0, reader: reader) }
    }

    /// A text for a person or a log: one line, and no longer than `cap` bytes.
    func line(_ key: String, cap: Int) -> String? {
        guard let (text, position) = string(key) else { return nil }
        guard !text.isEmpty, text.utf8.count <= cap, text.isPlainLine else {
            reader.report(
                "\"\(key)\" must be 1 to \(cap) bytes on one line, without control characters", at: position)
            return nil
        }
        return text
    }

    /// Says what is wrong, or odd, at a key, or at the table when it does not have that key itself.
    func note(_ severity: Problem.Severity, at key: String, _ message: String, hint: String? = nil) {
        reader.report(message, at: self[key]?.position ?? position, hint: hint, severity: severity)
    }
}

extension String {
    /// No line ends, and nothing else that steers a terminal.
    var isPlainLine: Bool {
        unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }
}
