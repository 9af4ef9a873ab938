/// Days and hours in a time zone. A span over midnight belongs to the day on which it begins.
package struct TimeWindow: Sendable, Equatable {
    /// At least one.
    package let days: [Weekday]
    /// Empty: the whole day.
    package let hours: [HourSpan]
    package let zone: TimeZoneRules

    package init(days: [Weekday] = Weekday.allCases, hours: [HourSpan] = [], zone: TimeZoneRules = .utc) {
        self.days = days
        self.hours = hours
        self.zone = zone
    }

    /// `time` in seconds since 1970, UTC.
    package func contains(_ time: Int64) -> Bool {
        let (day, minute) = zone.clock(at: time)
        return (hours.isEmpty ? [.wholeDay] : hours).contains { span in
            guard span.isOverMidnight else {
                return days.contains(day) && span.start <= minute && minute < span.end
            }
            return (days.contains(day) && minute >= span.start) || (days.contains(day.before) && minute < span.end)
        }
    }
}
