/// Days since 1 January 1970 in the Gregorian calendar.
enum CivilDate {
    private static let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

    /// The first day of a month, 1 to 12.
    static func day(year: Int64, month: Int) -> Int64 {
        let past = year - 1
        let leaps = past.flooredQuotient(4) - past.flooredQuotient(100) + past.flooredQuotient(400)
        let isLeap =
            year.flooredRemainder(4) == 0 && (year.flooredRemainder(100) != 0 || year.flooredRemainder(400) == 0)
        // 719162 days lie between 1 January of the year 1 and 1970.
        return past * 365 + leaps - 719_162 + Int64(before[month - 1]) + (isLeap && month > 2 ? 1 : 0)
    }

    static func year(ofDay day: Int64) -> Int64 {
        // 146097 days are 400 years; the guess is at most one year off.
        var year = 1970 + (day * 400).flooredQuotient(146_097)
        while CivilDate.day(year: year, month: 1) > day { year -= 1 }
        while CivilDate.day(year: year + 1, month: 1) <= day { year += 1 }
        return year
    }
}

extension Int64 {
    func flooredQuotient(_ divisor: Int64) -> Int64 {
        self / divisor - (self % divisor < 0 ? 1 : 0)
    }

    func flooredRemainder(_ divisor: Int64) -> Int64 {
        self - flooredQuotient(divisor) * divisor
    }
}
