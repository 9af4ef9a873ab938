import DuetLogin
import DuetMemory
import DuoAPI
import Glibc
import Synchronization

/// What the daemon has counted since it started.
///
/// Every label has a closed set of values, or is capped: nobody can make the daemon keep a series for each name that they
/// make up.
final class Metrics: Sendable {
    /// PAM services that are counted by name; what comes after them is `other`.
    static let mostServices = 32

    struct LoginKind: Hashable, Sendable {
        let result: String
        let reason: String
        let service: String
    }

    struct CallKind: Hashable, Sendable {
        let endpoint: String
        let outcome: String
    }

    struct Counts: Sendable {
        fileprivate(set) var logins: [LoginKind: Int] = [:]
        fileprivate(set) var services: Set<String> = []
        fileprivate(set) var failOpen = 0
        fileprivate(set) var suspended = 0
        fileprivate(set) var frauds = 0
        fileprivate(set) var calls: [CallKind: Histogram] = [:]
        fileprivate(set) var hits = 0
        fileprivate(set) var misses = 0
        fileprivate(set) var refusedPushes = Dictionary(uniqueKeysWithValues: PushStop.words.map { ($0, 0) })
        /// By whether it was fraud.
        fileprivate(set) var lateRefusals = [false: 0, true: 0]
        fileprivate(set) var auditFailures = 0
    }

    /// Unix seconds.
    let start = Int64(time(nil))
    private let state = Mutex(Counts())

    var counts: Counts { state.withLock { $0 } }

    /// What `duet login` tries is no login; nor is a push that is refused when its login has gone, but it may be a fraud.
    func count(_ record: AuditRecord) {
        guard !record.isTrial else { return }
        state.withLock { counts in
            let isFraud = record.reason == DenyReason.duoFraud.rawValue
            if isFraud { counts.frauds += 1 }
            guard record.kind != .lateRefusal else {
                counts.lateRefusals[isFraud, default: 0] += 1
                return
            }
            var service = record.service
            if !counts.services.contains(service) {
                if counts.services.count < Self.mostServices {
                    counts.services.insert(service)
                } else {
                    service = "other"
                }
            }
            counts.logins[LoginKind(result: record.result, reason: record.reason, service: service), default: 0] += 1
            if record.kind == .failOpen { counts.failOpen += 1 }
            if record.kind == .suspended { counts.suspended += 1 }
        }
    }

    func count(_ call: CallObservation) {
        let kind = CallKind(endpoint: call.endpoint, outcome: call.error?.word ?? "ok")
        state.withLock { $0.calls[kind, default: Histogram()].add(call.duration) }
    }

    /// A login that a remembered allow could have decided.
    func countLookup(found: Bool) {
        state.withLock { if found { $0.hits += 1 } else { $0.misses += 1 } }
    }

    /// A person got no push, call or SMS for now.
    func count(_ stop: PushStop) { state.withLock { $0.refusedPushes[stop.word, default: 0] += 1 } }

    /// A record that is not in the audit file.
    func countAuditFailure() { state.withLock { $0.auditFailures += 1 } }
}

extension PushStop {
    fileprivate static let words = ["pending", "denials", "fraud", "texts", "remembered_denial", "store"]

    fileprivate var word: String {
        switch self {
        case .pending: "pending"
        case .denials: "denials"
        case .fraud: "fraud"
        case .texts: "texts"
        case .rememberedDenial: "remembered_denial"
        case .storeFails: "store"
        }
    }
}
