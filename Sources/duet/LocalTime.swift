import FoundationEssentials
import Glibc

/// Times for people, by this host's clock and time zone.
enum LocalTime {
    /// `2026-11-21 14:01:38` of seconds since 1970.
    static func text(_ seconds: Double) -> String {
        var time = time_t(seconds)
        var parts = tm()
        localtime_r(&time, &parts)
        func twoDigits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = [parts.tm_year + 1_900, parts.tm_mon + 1, parts.tm_mday].map(twoDigits).joined(separator: "-")
        return date + " " + [parts.tm_hour, parts.tm_min, parts.tm_sec].map(twoDigits).joined(separator: ":")
    }

    /// The same of `2026-11-21T13:01:38Z`; what is no such time stays as it is.
    static func text(iso8601 text: String) -> String {
        (try? Date(text, strategy: .iso8601)).map { Self.text($0.timeIntervalSince1970) } ?? text
    }
}
