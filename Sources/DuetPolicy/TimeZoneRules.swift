/// A time zone as the system's database has it: an image of a TZif file (RFC 9636), read by whoever makes this.
///
/// Our own, because FoundationEssentials knows no zone but GMT (measured: `TimeZone(identifier:)` is nil without ICU) and
/// the C library's zone belongs to the whole process.
package struct TimeZoneRules: Sendable, Equatable {
    /// `Europe/Berlin`; nil for the zone of this host.
    package let name: String?
    /// What holds after the last transition, as a POSIX TZ text; empty in old files.
    package let footer: String
    /// Seconds since 1970 at which `offsets`, seconds east of Greenwich, begin to hold.
    private let transitions: [Int64]
    private let offsets: [Int]
    private let first: Int
    private let future: PosixTimeZone?

    package static let utc = TimeZoneRules(name: "UTC")

    private init(name: String) {
        self.name = name
        footer = "UTC0"
        (transitions, offsets, first, future) = ([], [], 0, nil)
    }

    /// nil when `file` is no TZif file.
    package init?(name: String?, file: [UInt8]) {
        var input = BigEndianInput(file[...])
        guard var header = TZifHeader(&input) else { return nil }
        var timeSize = 4
        if header.version >= 2 {
            guard input.skip(header.size(timeSize: 4)), let second = TZifHeader(&input) else { return nil }
            header = second
            timeSize = 8
        }
        guard header.types > 0, input.remaining >= header.size(timeSize: timeSize) else { return nil }
        let transitions = (0..<header.times).compactMap { _ in input.integer(timeSize) }
        let indices = (0..<header.times).compactMap { _ in input.integer(1) }.map { Int($0) & 0xFF }
        var types: [Int] = []
        for _ in 0..<header.types {
            guard let offset = input.integer(4), abs(offset) < 100_000, input.skip(2) else { return nil }
            types.append(Int(offset))
        }
        guard transitions == transitions.sorted(), indices.allSatisfy(types.indices.contains),
            input.skip(header.trailing(timeSize: timeSize))
        else { return nil }
        var footer = ""
        if timeSize == 8 {
            guard let text = input.line() else { return nil }
            footer = text
        }
        let future = PosixTimeZone(footer)
        guard footer.isEmpty || future != nil else { return nil }
        self.name = name
        self.footer = footer
        self.transitions = transitions
        offsets = indices.map { types[$0] }
        first = types[0]
        self.future = future
    }

    /// The day and the minute of the day at `time`, seconds since 1970.
    package func clock(at time: Int64) -> (day: Weekday, minute: Int) {
        // Clamped to some 35,000 years, so that no sum below overflows.
        let time = min(max(time, -1 << 40), 1 << 40)
        let local = time + Int64(offset(at: time))
        let day = local.flooredQuotient(86_400)
        let minute = (local - day * 86_400) / 60
        // 1 January 1970 was a Thursday.
        return (Weekday.allCases[Int((day + 3).flooredRemainder(7))], Int(minute))
    }

    /// Seconds east of Greenwich.
    func offset(at time: Int64) -> Int {
        if let future, time >= transitions.last ?? .min { return future.offset(at: time) }
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= time { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : offsets[low - 1]
    }
}
