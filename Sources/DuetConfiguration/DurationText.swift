import DuetPolicy

/// Durations as people write them: a whole number and `s`, `m` or `h`.
package enum DurationText {
    package static func parse(_ text: String) -> Duration? {
        let factors: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600]
        guard let unit = text.last, let factor = factors[unit], let number = Int64(text.dropLast()),
            number >= 0, number <= 1_000_000, text.first?.isWholeNumber == true
        else { return nil }
        return .seconds(number * factor)
    }

    package static func render(_ duration: Duration) -> String { duration.settingText }
}
