import CTOML

/// A value of a TOML document, with the place of its key (or its own, in an array).
package struct TOMLNode {
    package enum Value {
        case table([String: TOMLNode])
        case array([TOMLNode])
        case string(String)
        case integer(Int64)
        case float
        case boolean(Bool)
        case time
    }

    package let value: Value
    package let position: SourcePosition

    /// What the value is, in words for people.
    var kind: String {
        switch value {
        case .table: "a table"
        case .array: "a list"
        case .string: "a text"
        case .integer: "a whole number"
        case .float: "a number"
        case .boolean: "true or false"
        case .time: "a date"
        }
    }

    package struct SyntaxError: Error {
        package let message: String
        package let position: SourcePosition
    }

    /// Parses a whole document.
    package static func parse(_ text: String) throws(SyntaxError) -> TOMLNode {
        var error = ctoml_error()
        let builder = TOMLBuilder()
        var copy = text
        let status = copy.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // Sound: `builder` outlives the call, and the callback runs within it only.
                ctoml_parse(
                    characters.baseAddress, characters.count,
                    { context, event in
                        guard let context, let event else { return }
                        Unmanaged<TOMLBuilder>.fromOpaque(context).takeUnretainedValue().visit(event.pointee)
                    }, Unmanaged.passUnretained(builder).toOpaque(), &error)
            }
        }
        guard status == 0, let root = builder.root else {
            let message = withUnsafeBytes(of: error.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            throw SyntaxError(
                message: message, position: SourcePosition(line: Int(error.line), column: Int(error.column)))
        }
        return root
    }
}

/// Puts the events of the C++ walk together again.
private final class TOMLBuilder {
    private struct Open {
        let key: String?
        let position: SourcePosition
        let isTable: Bool
        var entries: [String: TOMLNode] = [:]
        var elements: [TOMLNode] = []
    }

    private var open: [Open] = []
    private(set) var root: TOMLNode?

    func visit(_ event: ctoml_event) {
        let key = event.key.map { Self.text($0, event.key_length) }
        let position = SourcePosition(line: Int(event.line), column: Int(event.column))
        switch event.kind {
        case CTOML_TABLE, CTOML_ARRAY:
            open.append(Open(key: key, position: position, isTable: event.kind == CTOML_TABLE))
        case CTOML_END:
            guard let done = open.popLast() else { return }
            let value: TOMLNode.Value = done.isTable ? .table(done.entries) : .array(done.elements)
            add(TOMLNode(value: value, position: done.position), key: done.key)
        case CTOML_STRING:
            let text = event.text.map { Self.text($0, event.text_length) } ?? ""
            add(TOMLNode(value: .string(text), position: position), key: key)
        case CTOML_INTEGER:
            add(TOMLNode(value: .integer(event.integer), position: position), key: key)
        case CTOML_BOOLEAN:
            add(TOMLNode(value: .boolean(event.integer != 0), position: position), key: key)
        case CTOML_FLOAT:
            add(TOMLNode(value: .float, position: position), key: key)
        default:
            add(TOMLNode(value: .time, position: position), key: key)
        }
    }

    private func add(_ node: TOMLNode, key: String?) {
        guard let last = open.indices.last else {
            root = node
            return
        }
        if let key {
            open[last].entries[key] = node
        } else {
            open[last].elements.append(node)
        }
    }

    private static func text(_ start: UnsafePointer<CChar>, _ count: Int) -> String {
        String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
