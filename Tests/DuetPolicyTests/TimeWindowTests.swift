import DuetPolicy
import Glibc
import Testing

@Suite("Time windows")
struct TimeWindowTests {
    /// Monday, 12 January 2026, 00:00 UTC.
    private static let monday: Int64 = 1_768_176_000

    private func zone(_ name: String) throws -> TimeZoneRules {
        let file = try #require(fopen("/usr/share/zoneinfo/\(name)", "re"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return try #require(TimeZoneRules(name: name, file: Array(bytes.prefix(count))))
    }

    @Test(
        "A span holds from its first minute up to its last, on its days",
        arguments: [
            (["mon"], "08:00-18:00", 0, 480, true), (["mon"], "08:00-18:00", 0, 479, false),
            (["mon"], "08:00-18:00", 0, 1079, true), (["mon"], "08:00-18:00", 0, 1080, false),
            (["mon"], "08:00-18:00", 1, 540, false), (["sun"], "00:00-24:00", 6, 1439, true),
            // Over midnight: it belongs to the day on which it begins.
            (["mon"], "22:00-06:00", 0, 1380, true), (["mon"], "22:00-06:00", 1, 359, true),
            (["mon"], "22:00-06:00", 1, 360, false), (["mon"], "22:00-06:00", 0, 300, false),
            (["sun"], "22:00-06:00", 0, 300, true),
        ] as [([String], String, Int64, Int64, Bool)])
    func spans(_ days: [String], _ hours: String, _ day: Int64, _ minute: Int64, _ expected: Bool) throws {
        let window = TimeWindow(
            days: days.compactMap(Weekday.init), hours: [try #require(HourSpan(hours))], zone: .utc)
        #expect(window.contains(Self.monday + day * 86_400 + minute * 60) == expected)
    }

    @Test(
        "What is no span is none",
        arguments: [
            "", "08:00", "8-18", "08:00-08:00", "24:00-06:00", "08:60-09:00", "08:00-24:01", "08:00-09:00-10:00",
            "aa:bb-cc:dd",
        ])
    func noSpan(_ text: String) {
        #expect(HourSpan(text) == nil)
    }

    @Test("Days and hours are those of the zone, summer time included")
    func zones() throws {
        let window = TimeWindow(
            days: [.mon], hours: [try #require(HourSpan("00:00-01:00"))], zone: try zone("Europe/Berlin"))
        #expect(window.contains(Self.monday - 3_600))
        #expect(!window.contains(Self.monday))
        // Monday, 6 July 2026: Berlin is two hours ahead.
        #expect(window.contains(1_783_288_800))
        #expect(!window.contains(1_783_288_800 + 3_600))
    }

    @Test(
        "Every zone says what date(1) says, within the table of the file and after it",
        arguments: [
            "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/Dublin",
            "America/Santiago",
            "Africa/Casablanca", "Etc/UTC", "Pacific/Apia", "America/Nuuk", "Asia/Gaza", "Antarctica/Troll",
        ])
    func date(_ name: String) throws {
        let zone = try zone(name)
        var random = SeededRandom(seed: 7)
        // 1900 to 2150, and around every new year.
        var times = (0..<400).map { _ in Int64.random(in: -2_208_988_800...5_680_281_600, using: &random) }
        times += (0..<130).flatMap { [$0 * 31_556_952, $0 * 31_556_952 + 43_200] }
        let path = "/tmp/duet-times-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let input = try #require(fopen(path, "we"))
        fputs(times.map { "@\($0)\n" }.joined(), input)
        fclose(input)
        defer { unlink(path) }
        let date = try #require(popen("TZ=\(name) LC_ALL=C timeout 20 date -f \(path) '+%u %H:%M'", "r"))
        defer { pclose(date) }
        var line = [CChar](repeating: 0, count: 64)
        var count = 0
        while fgets(&line, 64, date) != nil {
            let expected = String(
                decoding: line.prefix { $0 != 10 && $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let (day, minute) = zone.clock(at: times[count])
            let parts = [minute / 60, minute % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
            #expect("\(day.index + 1) \(parts[0]):\(parts[1])" == expected, "\(name) at \(times[count])")
            count += 1
        }
        #expect(count == times.count)
    }

    @Test("A damaged zone file is no zone, and never a crash")
    func damaged() throws {
        let file = try #require(fopen("/usr/share/zoneinfo/Europe/Berlin", "re"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        bytes = Array(bytes.prefix(fread(&bytes, 1, bytes.count, file)))
        for length in stride(from: 0, to: bytes.count - 1, by: 7) {
            #expect(TimeZoneRules(name: "x", file: Array(bytes.prefix(length))) == nil)
        }
        var random = SeededRandom(seed: 11)
        for _ in 0..<2_000 {
            var broken = bytes
            for _ in 0..<3 {
                broken[Int.random(in: broken.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if let zone = TimeZoneRules(name: "x", file: broken) {
                for time in [Int64.min, -1, 0, 1_768_176_000, 4_000_000_000, .max] {
                    #expect((0..<1_440).contains(zone.clock(at: time).minute))
                }
            }
        }
    }
}
