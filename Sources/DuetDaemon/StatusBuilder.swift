import DuetConfiguration
import DuetLogin
import DuetWire
import DuoAPI
import FoundationEssentials
import Glibc

/// Answers the requests of the control socket. Reading is for everyone who may connect; nothing here changes anything.
struct StatusBuilder: Sendable {
    let readiness: Readiness
    let registry: LoginRegistry
    let contact: DuoContact
    let configuration: String
    private let start = ContinuousClock.now

    init(readiness: Readiness, registry: LoginRegistry, contact: DuoContact, configuration: String) {
        self.readiness = readiness
        self.registry = registry
        self.contact = contact
        self.configuration = configuration
    }

    private struct Refusal: Codable {
        let error: String
    }

    func answer(_ request: ControlRequest) -> (status: ControlReply.Status, document: [UInt8]) {
        switch request.verb {
        case "status": encoded(report(), .done)
        default: encoded(Refusal(error: "unknown verb \"\(request.verb)\"; known: status"), .failed)
        }
    }

    private func encoded(_ value: some Encodable, _ status: ControlReply.Status) -> (ControlReply.Status, [UInt8]) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        guard let document = try? encoder.encode(value) else { return (.failed, Array("{}".utf8)) }
        return (status, Array(document))
    }

    func report() -> StatusReport {
        var report = StatusReport(
            health: .healthy, version: DaemonOptions.version, pid: getpid(),
            uptime: start.duration(to: .now) / .seconds(1), configuration: configuration,
            loginsInFlight: registry.inFlight, logins: registry.ended)
        switch readiness {
        case .refusing(let error):
            report.health = .refusing
            report.configurationError = error.report
        case .ready(let application, _, _):
            let duo = application.api
            let last = contact.last
            let outage = application.breaker.outage
            if last?.succeeded == false || outage != nil { report.health = .degraded }
            report.duo = StatusReport.Duo(
                apiHost: "\(duo.host)", lastCallSucceeded: last?.succeeded,
                lastCallAge: last.map { $0.time.duration(to: .now) / .seconds(1) }, lastError: last?.error,
                clockOffset: Double(duo.clock.offset),
                outage: outage.map {
                    StatusReport.Outage(
                        age: $0.since.duration(to: .now) / .seconds(1),
                        cause: "\($0.error.code) \($0.error.explanation(host: duo.host))")
                })
        }
        return report
    }
}
