/// A PAM service by its exact name, or several by a pattern: `*` stands for any bytes, `?` for one.
package struct ServicePattern: Sendable, Equatable {
    package let name: ExactName

    package init(_ text: String) { name = ExactName(text) }

    package var text: String { name.description }
    package var isGlob: Bool { text.utf8.contains { Self.special.contains($0) } }
    package var matchesEverything: Bool { !text.isEmpty && text.utf8.allSatisfy { $0 == Self.star } }

    private static let star = UInt8(ascii: "*")
    private static let one = UInt8(ascii: "?")
    private static let special = [star, one]

    package func matches(_ service: ExactName) -> Bool {
        guard isGlob else { return service == name }
        let pattern = Array(text.utf8)
        let bytes = Array(service.description.utf8)
        // Where to go on when what follows the last star does not fit: one byte further.
        var retry: (pattern: Int, byte: Int)?
        var place = 0
        var byte = 0
        while byte < bytes.count {
            if place < pattern.count, pattern[place] == Self.star {
                retry = (place, byte)
                place += 1
            } else if place < pattern.count, pattern[place] == Self.one || pattern[place] == bytes[byte] {
                place += 1
                byte += 1
            } else if let (star, start) = retry {
                retry = (star, start + 1)
                place = star + 1
                byte = start + 1
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == Self.star }
    }
}
