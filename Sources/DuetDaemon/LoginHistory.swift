import DuetLogin
import DuetWire
import FoundationEssentials
import Synchronization

/// The last logins that have ended. In memory alone: the journal has them all.
final class LoginHistory: Sendable {
    private struct State {
        /// A ring, once it is full; `next` is the oldest then.
        var records: [AuditRecord] = []
        var next = 0
        var total = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int = HistoryFilter.most) {
        self.capacity = capacity
    }

    func add(_ record: AuditRecord) {
        state.withLock { state in
            state.total += 1
            guard state.records.count == capacity else { return state.records.append(record) }
            state.records[state.next] = record
            state.next = (state.next + 1) % capacity
        }
    }

    /// What `filter` lets through, the newest first, and how much of it there is.
    func report(_ filter: HistoryFilter, now: Date) -> HistoryReport {
        let (records, total) = state.withLock { state in
            (Array(state.records[state.next...] + state.records[..<state.next]), state.total)
        }
        let matching = records.reversed().filter { filter.permits($0, now: now) }
        return HistoryReport(
            logins: matching.prefix(filter.limit ?? HistoryFilter.standardLimit).map { HistoryReport.Entry($0) },
            matching: matching.count, kept: records.count, total: total)
    }

    /// Every word that a record may have as its reason.
    static let reasons: [String] =
        AllowReason.allCases.map(\.rawValue) + RetryReason.allCases.map(\.rawValue)
        + DenyReason.allCases.map(\.rawValue) + ["user_unknown", "abandoned", "malformed"]
}

extension HistoryFilter {
    fileprivate func permits(_ record: AuditRecord, now: Date) -> Bool {
        let texts = [
            (login, record.login), (user, record.user), (service, record.service), (result, record.result),
            (reason, record.reason), (rule, record.rule),
        ]
        return texts.allSatisfy { asked, found in asked == nil || asked == found }
            && since.map { now.timeIntervalSince(record.time) <= $0 } ?? true
    }
}

extension HistoryReport.Entry {
    fileprivate init(_ record: AuditRecord) {
        self.init(
            id: record.login, time: record.time.ISO8601Format(), milliseconds: record.milliseconds, user: record.user,
            duoUser: record.duoUser, service: record.service, rhost: record.rhost, tty: record.tty,
            caller: record.caller, rule: record.rule, factor: record.factor, result: record.result,
            reason: record.reason, memory: record.memory, cause: record.cause, isTrial: record.isTrial)
    }
}
