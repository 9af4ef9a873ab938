import DuoAPI

/// Points in time as people read them.
enum When {
    /// `2026-11-21 13:05`, UTC; empty for none.
    static func text(_ unixTime: Int64?) -> String {
        guard let unixTime, (0...253_402_300_799).contains(unixTime) else { return "" }
        let minutes = unixTime / 60 % 1440
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(HTTPDate.day(unixTime: unixTime)) \(two(minutes / 60)):\(two(minutes % 60))"
    }
}
