import DuetConfiguration
import DuetMemory
import DuetWire
import FoundationEssentials
import Logging

/// Answers the requests of the control socket.
///
/// 1. Reading is for everyone who may connect.
/// 2. What changes anything MUST be asked for by uid 0, as the kernel says it.
/// Held by `ControlTests` and test_policy.py.
struct ControlDesk: Sendable {
    let governor: Governor
    let registry: LoginRegistry
    let history: LoginHistory
    let today: Today
    let memory: Memory
    let store: DecisionStore
    let switches: Switches
    let configuration: String
    let metrics: Metrics
    let logger: Logger
    let start = ContinuousClock.now

    enum Verb: String, CaseIterable {
        case status
        case metrics
        case reload
        case cacheList = "cache-list"
        case cacheForget = "cache-forget"
        case history
        case logins
        case loginsCancel = "logins-cancel"
        case version

        var isForRoot: Bool {
            switch self {
            case .status, .metrics, .cacheList, .history, .logins, .version: false
            case .reload, .cacheForget, .loginsCancel: true
            }
        }
    }

    typealias Answer = (status: ControlReply.Status, document: [UInt8])

    func answer(_ request: ControlRequest, from peer: PeerCredentials) -> Answer {
        guard let verb = Verb(rawValue: request.verb) else {
            let known = Verb.allCases.map(\.rawValue).joined(separator: ", ")
            return refused("unknown verb \"\(request.verb)\"; known: \(known)")
        }
        guard !verb.isForRoot || peer.uid == 0 else {
            return refused("only root may: sudo duet \(request.verb.replacing("-", with: " "))")
        }
        switch verb {
        case .status: return encoded(report())
        case .metrics:
            return encoded(MetricsReport(contentType: MetricsText.contentType, text: metricsText()))
        case .reload: return reload()
        case .cacheList: return listDecisions(request)
        case .cacheForget: return forgetDecisions(request, peer)
        case .history: return pastLogins(request)
        case .logins: return loginsInFlight()
        case .loginsCancel: return cancelLogin(request, peer)
        case .version: return encoded(VersionReport.daemon)
        }
    }

    private func reload() -> Answer {
        do {
            try governor.reload()
        } catch let error as ConfigurationError {
            return refused(error.report)
        } catch {
            return refused("\(error)")
        }
        guard case .ready(let active) = governor.readiness else { return refused("nothing is in force") }
        return encoded(ReloadReport(policy: active.fingerprint, warnings: active.configuration.warnings.count))
    }

    private func listDecisions(_ request: ControlRequest) -> Answer {
        guard let filter = DecisionFilter(request) else { return refused("the arguments are not understood") }
        switch store.list(filter, limit: CacheReport.most) {
        case .failure(let trouble): return refused("\(trouble)")
        case .success(let decisions): return encoded(CacheReport(decisions: decisions.map { CacheReport.Entry($0) }))
        }
    }

    private func forgetDecisions(_ request: ControlRequest, _ peer: PeerCredentials) -> Answer {
        guard let filter = DecisionFilter(request) else { return refused("the arguments are not understood") }
        let result = store.forget(filter)
        logger.notice(
            "remembered decisions forgotten",
            metadata: ["by": "\(peer.uid)", "which": "\(request.arguments ?? "all")"])
        switch result {
        case .failure(let trouble): return refused("\(trouble); none is honoured until they are forgotten")
        case .success(let count): return encoded(ForgetReport(forgotten: count))
        }
    }

    private struct Refusal: Codable {
        let error: String
    }

    func refused(_ why: String) -> Answer { (.failed, encoded(Refusal(error: why)).document) }

    func encoded(_ value: some Encodable) -> Answer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        guard let document = try? encoder.encode(value) else { return (.failed, Array("{}".utf8)) }
        return (.done, Array(document))
    }
}

extension DecisionFilter {
    /// Nil when the arguments are not those of a filter.
    init?(_ request: ControlRequest) {
        guard let arguments = request.arguments else {
            self.init()
            return
        }
        guard let filter = try? JSONDecoder().decode(CacheFilter.self, from: Data(arguments.utf8)) else { return nil }
        var kind: ScopeBinding.Kind?
        if let scope = filter.scope {
            guard let known = ScopeBinding.Kind(rawValue: scope) else { return nil }
            kind = known
        }
        self.init(id: filter.id, user: filter.user, service: filter.service, scope: kind)
    }
}

extension CacheReport.Entry {
    init(_ decision: RememberedDecision) {
        self.init(
            id: decision.id, verdict: decision.verdict == .allow ? "allow" : "deny", user: decision.user,
            duoUser: decision.duoUser, service: decision.service, scope: decision.scope.rawValue, bound: decision.bound,
            factor: decision.factor, login: decision.loginID, why: decision.why,
            age: decision.age / .seconds(1), remaining: decision.remaining / .seconds(1), used: decision.used,
            usesLeft: decision.usesLeft)
    }
}
