/// Dates of RFC 2822 and HTTP, in English whatever the locale (Duo refuses others), in UTC.
package enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Tue, 21 Aug 2012 17:29:18 -0000`, the form of Duo's own clients.
    package static func string(unixTime: Int64) -> String {
        let (day, second) = unixTime.flooredDivision(by: 86_400)
        let date = civil(fromDays: day)
        let weekday = days[Int(day.flooredDivision(by: 7).remainder)]
        let time = [second / 3600, second / 60 % 60, second % 60].map(twoDigits).joined(separator: ":")
        return "\(weekday), \(twoDigits(date.day)) \(months[Int(date.month) - 1]) \(date.year) \(time) -0000"
    }

    /// `2012-08-21`.
    package static func day(unixTime: Int64) -> String {
        let date = civil(fromDays: unixTime.flooredDivision(by: 86_400).quotient)
        return "\(date.year)-\(twoDigits(date.month))-\(twoDigits(date.day))"
    }

    /// Unix time of `Sun, 06 Nov 1994 08:49:37 GMT` (also with `+0000` or `-0000`), nil for every other form.
    package static func unixTime(_ text: String) -> Int64? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[0].hasSuffix(","), ["GMT", "UTC", "+0000", "-0000"].contains(words[5]) else {
            return nil
        }
        let clock = words[4].split(separator: ":", omittingEmptySubsequences: false)
        guard let day = number(words[1], 1...31), let year = number(words[3], 1970...9999),
            let month = months.firstIndex(of: String(words[2])), clock.count == 3,
            let hour = number(clock[0], 0...23), let minute = number(clock[1], 0...59),
            let second = number(clock[2], 0...60)
        else { return nil }
        return days(year: year, month: Int64(month) + 1, day: day) * 86_400 + hour * 3600 + minute * 60 + second
    }

    private static func number(_ digits: Substring, _ range: ClosedRange<Int64>) -> Int64? {
        Int64(digits).flatMap { range.contains($0) ? $0 : nil }
    }

    private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    // Years begin in March here, so that the leap day is the last one; 400 years are 146 097 days.
    private static func civil(fromDays day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (day + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * march + 2) / 5 + 1)
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let (era, yearOfEra) = (month <= 2 ? year - 1 : year).flooredDivision(by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
