/// The name of a user, group or service, compared byte by byte: Swift takes two spellings of one accented letter for the
/// same text, the user database does not.
package struct ExactName: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
    package let description: String

    package init(_ text: String) { description = text }
    package init(stringLiteral text: String) { description = text }

    package static func == (one: ExactName, other: ExactName) -> Bool {
        let (one, other) = (one.description.utf8, other.description.utf8)
        return one.count == other.count && one.elementsEqual(other)
    }

    package func hash(into hasher: inout Hasher) {
        var text = description
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
