import DuetConfiguration
import DuetLogin
import DuetMemory
import DuetPolicy
import DuetWire
import DuoAPI
import Glibc

extension ControlDesk {
    /// How the daemon is.
    func report() -> StatusReport {
        var report = StatusReport(
            health: .healthy, version: DaemonOptions.version, pid: getpid(),
            uptime: start.duration(to: .now) / .seconds(1), configuration: configuration,
            loginsInFlight: registry.inFlight, logins: registry.ended)
        report.today = today.counts
        switch governor.readiness {
        case .refusing(let error):
            report.health = .refusing
            report.configurationError = error.report
        case .ready(let active):
            add(active, to: &report)
        }
        addMemory(to: &report)
        addSuspension(to: &report)
        report.troubles = report.foundTroubles
        if report.health == .healthy, !report.troubles.isEmpty { report.health = .degraded }
        return report
    }

    private func add(_ active: ActiveConfiguration, to report: inout StatusReport) {
        report.policy = StatusReport.Policy(
            fingerprint: active.fingerprint, age: active.loaded.duration(to: .now) / .seconds(1),
            rules: active.configuration.policy.rules.count)
        if let error = governor.lastRefusal ?? active.stale {
            report.configurationError = error.report
        }
        let connections = active.applications.values.sorted { $0.name < $1.name }
        for connection in connections {
            let duo = describe(connection)
            if connection.name == Requirement.defaultApplication { report.duo = duo } else { report.others.append(duo) }
        }
    }

    private func describe(_ connection: DuoConnection) -> StatusReport.Duo {
        let api = connection.application.api
        let last = connection.contact.last
        let now = Int64(time(nil))
        var warnings = connection.authorityWarnings(now: now)
        if abs(api.clock.offset) >= 30 {
            warnings.append("this host's clock is \(abs(api.clock.offset)) s off; Duo's is used: check NTP")
        }
        return StatusReport.Duo(
            application: connection.name, apiHost: "\(api.host)", lastCallSucceeded: last?.succeeded,
            lastCallAge: last.map { $0.time.duration(to: .now) / .seconds(1) }, lastError: last?.error,
            lastRoundTrip: last?.roundTrip.map { $0 / .milliseconds(1) },
            clockOffset: Double(api.clock.offset), authorities: connection.authorities(now: now),
            outage: connection.application.breaker.outage.map {
                StatusReport.Outage(
                    age: $0.since.duration(to: .now) / .seconds(1),
                    cause: $0.error.report(host: api.host))
            },
            warnings: warnings)
    }

    private func addMemory(to report: inout StatusReport) {
        if let trouble = memory.trouble {
            report.memoryTrouble = "\(trouble)"
        }
        if case .success(let count) = store.count() { report.remembered = count }
    }

    private func addSuspension(to report: inout StatusReport) {
        switch switches.suspension() {
        case .off, .void: break
        case .on(let suspension, let remaining):
            report.suspension = StatusReport.Suspension(by: suspension.by, remaining: remaining / .seconds(1))
        }
    }
}
