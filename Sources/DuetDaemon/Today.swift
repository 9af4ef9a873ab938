import DuetLogin
import DuetWire
import Glibc
import Synchronization

/// How many logins ended how on this day. Trials are none.
final class Today: Sendable {
    private let state: Mutex<StatusReport.Day>
    private let date: @Sendable () -> String

    init(date: @escaping @Sendable () -> String = Today.localDate) {
        self.date = date
        state = Mutex(StatusReport.Day(date: date()))
    }

    var counts: StatusReport.Day {
        state.withLock { day in
            turn(&day)
            return day
        }
    }

    func count(_ record: AuditRecord) {
        guard !record.isTrial else { return }
        state.withLock { day in
            turn(&day)
            switch record.result {
            case "allow": day.allowed += 1
            case "ignore": day.ignored += 1
            case "abandoned": day.abandoned += 1
            default: day.denied += 1
            }
            if record.reason == AllowReason.failOpen.rawValue { day.failOpen += 1 }
        }
    }

    private func turn(_ day: inout StatusReport.Day) {
        let date = date()
        if day.date != date { day = StatusReport.Day(date: date) }
    }

    /// `2026-11-21`, by this host's clock and time zone. Made once a second: a zone's days begin with one of its seconds.
    static func localDate() -> String {
        var now = time(nil)
        if let last = last.withLock({ $0.second == now ? $0.date : nil }) { return last }
        var parts = tm()
        localtime_r(&now, &parts)
        func twoDigits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = "\(parts.tm_year + 1_900)-\(twoDigits(parts.tm_mon + 1))-\(twoDigits(parts.tm_mday))"
        last.withLock { $0 = (now, date) }
        return date
    }

    private static let last = Mutex<(second: time_t, date: String)>((-1, ""))
}
