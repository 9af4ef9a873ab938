/// `CET-1CEST,M3.5.0,M10.5.0/3`: POSIX.1-2024, *TZ*, with the hours that RFC 9636 allows besides.
struct PosixTimeZone: Sendable, Equatable {
    private enum Day: Equatable {
        /// 1 to 365; 29 February is never counted.
        case withoutLeapDay(Int)
        /// 0 to 365.
        case counted(Int)
        /// Month 1 to 12, week 1 to 5 (5 is the last), day 0 (Sunday) to 6.
        case inMonth(Int, week: Int, day: Int)
    }

    private struct Change: Equatable {
        let day: Day
        /// Seconds after midnight.
        let time: Int
    }

    /// Seconds east of Greenwich.
    private let standard: Int
    private let daylight: Int
    /// When daylight time begins and ends; nil without daylight time.
    private let start: Change?
    private let end: Change?

    init?(_ text: String) {
        var input = Array(text.utf8)[...]
        guard Self.skipName(&input), let west = Self.seconds(&input) else { return nil }
        standard = -west
        guard !input.isEmpty else {
            (daylight, start, end) = (standard, nil, nil)
            return
        }
        guard Self.skipName(&input) else { return nil }
        if input.first == UInt8(ascii: ",") {
            daylight = standard + 3_600
        } else {
            guard let west = Self.seconds(&input) else { return nil }
            daylight = -west
        }
        guard let start = Self.change(&input), let end = Self.change(&input), input.isEmpty else { return nil }
        self.start = start
        self.end = end
    }

    /// Seconds east of Greenwich at `time`, seconds since 1970.
    func offset(at time: Int64) -> Int {
        guard let start, let end else { return standard }
        let year = CivilDate.year(ofDay: (time + Int64(standard)).flooredQuotient(86_400))
        let begin = Self.instant(start, year) - Int64(standard)
        let finish = Self.instant(end, year) - Int64(daylight)
        let isDaylight = begin < finish ? begin <= time && time < finish : !(finish <= time && time < begin)
        return isDaylight ? daylight : standard
    }

    /// Local seconds since 1970 of a change.
    private static func instant(_ change: Change, _ year: Int64) -> Int64 {
        let first = CivilDate.day(year: year, month: 1)
        let day: Int64
        switch change.day {
        case .withoutLeapDay(let number):
            let isLeap = CivilDate.day(year: year + 1, month: 1) - first == 366
            day = first + Int64(number - 1) + (isLeap && number >= 60 ? 1 : 0)
        case .counted(let number):
            day = first + Int64(number)
        case .inMonth(let month, let week, let weekday):
            let begin = CivilDate.day(year: year, month: month)
            let next =
                month == 12 ? CivilDate.day(year: year + 1, month: 1) : CivilDate.day(year: year, month: month + 1)
            // 1 January 1970 was a Thursday, 4 days after Sunday.
            let ahead = (Int64(weekday) - (begin + 4)).flooredRemainder(7)
            var found = begin + ahead + Int64(week - 1) * 7
            while found >= next { found -= 7 }
            day = found
        }
        return day * 86_400 + Int64(change.time)
    }

    private static func skipName(_ input: inout ArraySlice<UInt8>) -> Bool {
        let isQuoted = input.first == UInt8(ascii: "<")
        let name = input.prefix { byte in
            isQuoted ? byte != UInt8(ascii: ">") : (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        input = input.dropFirst(name.count)
        if isQuoted {
            guard input.first == UInt8(ascii: ">") else { return false }
            input = input.dropFirst()
        }
        return name.count >= 3
    }

    /// `[+-]hh[:mm[:ss]]`.
    private static func seconds(_ input: inout ArraySlice<UInt8>) -> Int? {
        var sign = 1
        if input.first == UInt8(ascii: "-") { sign = -1 }
        if input.first == UInt8(ascii: "-") || input.first == UInt8(ascii: "+") { input = input.dropFirst() }
        guard var total = number(&input).map({ $0 * 3_600 }) else { return nil }
        for unit in [60, 1] where input.first == UInt8(ascii: ":") {
            input = input.dropFirst()
            guard let part = number(&input) else { return nil }
            total += part * unit
        }
        return sign * total
    }

    private static func number(_ input: inout ArraySlice<UInt8>) -> Int? {
        let digits = input.prefix { (0x30...0x39).contains($0) }
        input = input.dropFirst(digits.count)
        return digits.count <= 3 ? Int(String(decoding: digits, as: UTF8.self)) : nil
    }

    /// `,Mm.w.d[/time]`, `,Jn[/time]` or `,n[/time]`.
    private static func change(_ input: inout ArraySlice<UInt8>) -> Change? {
        guard input.first == UInt8(ascii: ",") else { return nil }
        input = input.dropFirst()
        guard let day = day(&input) else { return nil }
        guard input.first == UInt8(ascii: "/") else { return Change(day: day, time: 7_200) }
        input = input.dropFirst()
        return seconds(&input).map { Change(day: day, time: $0) }
    }

    private static func day(_ input: inout ArraySlice<UInt8>) -> Day? {
        switch input.first {
        case UInt8(ascii: "M"):
            var parts: [Int] = []
            for _ in 0..<3 {
                input = input.dropFirst()
                guard let part = number(&input) else { return nil }
                parts.append(part)
            }
            guard (1...12).contains(parts[0]), (1...5).contains(parts[1]), (0...6).contains(parts[2]) else {
                return nil
            }
            return .inMonth(parts[0], week: parts[1], day: parts[2])
        case UInt8(ascii: "J"):
            input = input.dropFirst()
            return number(&input).flatMap { (1...365).contains($0) ? .withoutLeapDay($0) : nil }
        default:
            return number(&input).flatMap { (0...365).contains($0) ? .counted($0) : nil }
        }
    }
}
