/// What is to become of a user; what is nil stays as it is, and an empty text takes away.
package struct UserChange: Sendable {
    package enum Status: String, Sendable, CaseIterable {
        case active, bypass, disabled
    }

    package static let mostAliases = 8

    package var name: String?
    package var realName: String?
    package var firstName: String?
    package var lastName: String?
    package var email: String?
    package var status: Status?
    package var notes: String?
    /// All of them: others are taken away.
    package var aliases: [String]?

    package init() {}

    package var isEmpty: Bool { parameters.isEmpty }

    var parameters: [(String, String)] {
        let pairs: [(String, String?)] = [
            ("username", name), ("realname", realName), ("firstname", firstName), ("lastname", lastName),
            ("email", email), ("status", status?.rawValue), ("notes", notes), ("aliases", aliases.map(Self.form)),
        ]
        return pairs.compactMap { name, value in value.map { (name, $0) } }
    }

    /// A form within the form, with every position, so that what is not named is taken away.
    private static func form(_ aliases: [String]) -> String {
        (0..<mostAliases).map { position in
            let alias = aliases.indices.contains(position) ? aliases[position] : ""
            return "alias\(position + 1)=" + percentEncoded(alias)
        }.joined(separator: "&")
    }

    private static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2D, 0x2E, 0x5F, 0x7E: encoded.append(byte)
            default: encoded += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
