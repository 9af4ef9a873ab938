import DuetLogin
import DuetWire
import FoundationEssentials
import Synchronization
import Testing

@testable import DuetDaemon

@Suite("What the daemon keeps of ended logins")
struct LoginHistoryTests {
    private static let now = Date(timeIntervalSince1970: 1_790_000_000)

    private func record(
        _ login: String, user: String = "alice", service: String = "sshd", result: String = "allow",
        reason: String = "duo_allow", rule: String? = "all", age: Double = 0, isTrial: Bool = false
    ) -> AuditRecord {
        let begin = Begin(
            nonce: ModulePeer.nonce, user: user, service: service, caller: 0, isTrial: isTrial, timeout: .seconds(1))
        var record = AuditRecord(
            login: login, time: Self.now - age, elapsed: .milliseconds(1_500), begin: begin, outcome: nil,
            result: (result, reason))
        record.rule = rule
        return record
    }

    private func filled() -> LoginHistory {
        let history = LoginHistory(capacity: 10)
        history.add(record("a", age: 100))
        history.add(record("b", user: "bob", service: "sudo", rule: "sudo", age: 50))
        history.add(record("c", result: "deny", reason: "duo_deny", age: 10))
        history.add(record("d", user: "bob", reason: "fail_open", rule: nil))
        return history
    }

    @Test(
        "A filter lets through what fits it in every part, the newest first",
        arguments: [
            (HistoryFilter(), ["d", "c", "b", "a"]), (HistoryFilter(user: "bob"), ["d", "b"]),
            (HistoryFilter(service: "sudo"), ["b"]), (HistoryFilter(result: "deny"), ["c"]),
            (HistoryFilter(reason: "fail_open"), ["d"]), (HistoryFilter(rule: "all"), ["c", "a"]),
            (HistoryFilter(since: 60), ["d", "c", "b"]), (HistoryFilter(limit: 1), ["d"]),
            (HistoryFilter(login: "a"), ["a"]), (HistoryFilter(user: "bob", rule: "sudo"), ["b"]),
            (HistoryFilter(user: "carol"), []),
        ])
    func filters(_ filter: HistoryFilter, _ expected: [String]) {
        #expect(filled().report(filter, now: Self.now).logins.map(\.id) == expected)
    }

    @Test("It says how many fit when it shows fewer")
    func leftOut() {
        let report = filled().report(HistoryFilter(limit: 1), now: Self.now)
        #expect(report.logins.count == 1 && report.matching == 4 && report.kept == 4 && report.total == 4)
    }

    @Test("Only the last ones are kept, in order, and how many there were is known")
    func ring() {
        let history = LoginHistory(capacity: 3)
        for number in 1...8 { history.add(record("\(number)")) }
        let report = history.report(HistoryFilter(), now: Self.now)
        #expect(report.logins.map(\.id) == ["8", "7", "6"])
        #expect(report.kept == 3 && report.total == 8)
    }

    @Test(
        "A filter that makes no sense is refused",
        arguments: [
            HistoryFilter(user: ""), HistoryFilter(service: "a\nb"), HistoryFilter(result: "allowed"),
            HistoryFilter(reason: "Duo allow"), HistoryFilter(since: 0), HistoryFilter(since: .infinity),
            HistoryFilter(since: .nan), HistoryFilter(limit: 0), HistoryFilter(limit: 1_001),
            HistoryFilter(rule: String(repeating: "x", count: 300)),
        ])
    func faults(_ filter: HistoryFilter) {
        #expect(filter.fault != nil)
    }

    @Test("Every word of a verdict is a result that can be asked for")
    func results() {
        for result in HistoryFilter.results { #expect(HistoryFilter(result: result).fault == nil) }
    }

    @Test("A day counts its own logins, without trials, and the next begins with none")
    func day() {
        let date = Mutex("2026-11-21")
        let today = Today { date.withLock { $0 } }
        today.count(record("a"))
        today.count(record("b", reason: "fail_open"))
        today.count(record("c", result: "retry", reason: "wrong_passcode"))
        today.count(record("d", result: "unknown", reason: "user_unknown"))
        today.count(record("e", result: "abandoned", reason: "abandoned"))
        today.count(record("f", isTrial: true))
        let counts = today.counts
        #expect(counts.allowed == 2 && counts.failOpen == 1 && counts.denied == 2 && counts.abandoned == 1)
        date.withLock { $0 = "2026-11-22" }
        #expect(today.counts == StatusReport.Day(date: "2026-11-22"))
    }
}
