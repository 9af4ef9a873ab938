/// The header of one of the two blocks of a TZif file: RFC 9636, section 3.1.
struct TZifHeader {
    private static let magic: [UInt8] = Array("TZif".utf8)
    /// Far above any real zone: 1 MiB of transitions is no time zone.
    private static let cap = 10_000

    let version: Int
    let times: Int
    let types: Int
    private let utIndicators: Int
    private let standardIndicators: Int
    private let leaps: Int
    private let characters: Int

    init?(_ input: inout BigEndianInput) {
        guard let magic = input.bytes(4), magic == Self.magic, let version = input.integer(1), input.skip(15) else {
            return nil
        }
        let counts = (0..<6).compactMap { _ in input.integer(4) }.map(Int.init)
        guard counts.count == 6, counts.allSatisfy((0...Self.cap).contains) else { return nil }
        // '2' and later have a second block with times of 64 bits.
        self.version = version == 0 ? 1 : Int(version) - 0x30
        (utIndicators, standardIndicators, leaps) = (counts[0], counts[1], counts[2])
        (times, types, characters) = (counts[3], counts[4], counts[5])
    }

    /// Bytes of the block after this header.
    func size(timeSize: Int) -> Int {
        times * (timeSize + 1) + types * 6 + trailing(timeSize: timeSize)
    }

    /// Bytes after the list of types: names, leap seconds, indicators; none of which matters here.
    func trailing(timeSize: Int) -> Int {
        characters + leaps * (timeSize + 4) + standardIndicators + utIndicators
    }
}
