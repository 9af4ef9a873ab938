/// From a time of the day up to another, `08:00-18:00`; over midnight when the end is not later, `22:00-06:00`.
package struct HourSpan: Sendable, Equatable, CustomStringConvertible {
    /// Minutes since midnight: 0 to 1439, and 1 to 1440.
    package let start: Int
    package let end: Int

    static let wholeDay = HourSpan(start: 0, end: 1_440)

    /// nil unless both are written HH:MM, and for a span without length.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let start = Self.minutes(parts[0]), let end = Self.minutes(parts[1]), start < 1_440,
            end > 0, start != end
        else { return nil }
        self.init(start: start, end: end)
    }

    private init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    package var isOverMidnight: Bool { end < start }

    package var description: String { "\(Self.text(start))-\(Self.text(end))" }

    private static func text(_ minutes: Int) -> String {
        [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }

    private static func minutes(_ text: Substring) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
        let digits = [bytes[0], bytes[1], bytes[3], bytes[4]].map { Int($0) - 0x30 }
        guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
        let minutes = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]
        return digits[2] < 6 && minutes <= 1_440 ? minutes : nil
    }
}
