/// The form of a name: which ASCII characters it may have, and how many. No regular expression: those are compiled when they
/// are met, and the daemon meets these each time it starts.
struct NameForm {
    private static let digits = Array("0123456789".utf8)
    private static let capitals = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    private static let small = Array("abcdefghijklmnopqrstuvwxyz".utf8)
    private static let alphanumerics = capitals + small + digits

    /// Of a server, or a domain.
    static let host = NameForm(alphanumerics, inside: ".-", count: 1...253)
    /// The part in brackets.
    static let addressV6 = NameForm(digits + Array("ABCDEFabcdef:.".utf8), count: 2...45)
    /// What follows DI in an integration key.
    static let integrationKey = NameForm(capitals + digits, count: 18...18)
    /// NAME of `[duo.NAME]`.
    static let application = NameForm(small + digits, after: "_-", count: 1...32)
    /// Of a file that systemd lays down: no dot at its beginning.
    static let credential = NameForm(alphanumerics + Array("_-".utf8), after: ".", count: 1...128)
    /// What looks like a secret, wherever it stands.
    static let secret = NameForm(alphanumerics + Array("+/_-".utf8), count: 32...Int.max)
    static let letter = NameForm(capitals + small, count: 1...1)
    /// One part of a time zone's name.
    static let zonePart = NameForm(alphanumerics + Array("_+-".utf8), count: 1...64)

    private let first: [UInt8]
    private let inside: [UInt8]
    private let last: [UInt8]
    private let count: ClosedRange<Int>

    /// `inside` may not stand at either end, `after` not at the beginning.
    private init(_ characters: [UInt8], inside: String = "", after: String = "", count: ClosedRange<Int>) {
        first = characters
        self.inside = characters + Array(inside.utf8) + Array(after.utf8)
        last = characters + Array(after.utf8)
        self.count = count
    }

    func holds(for text: some StringProtocol) -> Bool { holds(for: Array(text.utf8)) }

    func holds(for bytes: [UInt8]) -> Bool {
        guard count.contains(bytes.count), let start = bytes.first, let end = bytes.last else { return false }
        return first.contains(start) && bytes.allSatisfy(allows) && last.contains(end)
    }

    /// Whether there may be one anywhere.
    func allows(_ byte: UInt8) -> Bool { inside.contains(byte) }
}
