import DuetConfiguration
import DuetLogin
import DuetMemory
import DuoAPI
import Glibc

/// What Prometheus is told. etc/grafana-dashboard.json and etc/alerts.yml go by these names (test_metrics.py).
extension ControlDesk {
    func metricsText() -> String {
        let counts = metrics.counts
        var page = MetricsText()
        page.add("duet_build_info", .gauge, "The version, as a label.", [([("version", DaemonOptions.version)], 1)])
        page.add("duet_start_time_seconds", .gauge, "When the daemon started, Unix time.", Int(metrics.start))
        addLogins(counts, to: &page)
        addConfiguration(to: &page)
        page.add(
            "duet_duo_request_duration_seconds",
            "Requests to Duo by endpoint and outcome; in auth and auth_status a person may have been waited for.",
            counts.calls.sorted { ($0.key.endpoint, $0.key.outcome) < ($1.key.endpoint, $1.key.outcome) }.map {
                ([("endpoint", $0.endpoint), ("outcome", $0.outcome)], $1)
            })
        addApplications(to: &page)
        addMemory(counts, to: &page)
        page.add(
            "duet_audit_file_failures_total", .counter, "Audit records that are not in the audit file.",
            counts.auditFailures)
        return page.text
    }

    /// Some reasons have a counter of their own, which is there from the start: the first of a labelled series is no increase.
    private func addLogins(_ counts: Metrics.Counts, to page: inout MetricsText) {
        let logins = counts.logins.sorted {
            ($0.key.service, $0.key.result, $0.key.reason) < ($1.key.service, $1.key.result, $1.key.reason)
        }
        page.add(
            "duet_logins_total", .counter, "Logins that have ended, by result, reason and PAM service.",
            logins.map { kind, count in
                ([("result", kind.result), ("reason", kind.reason), ("service", kind.service)], Double(count))
            })
        page.add("duet_logins_in_flight", .gauge, "Logins that are being decided.", registry.inFlight)
        page.add(
            "duet_fail_open_logins_total", .counter, "Logins let in without a second factor because Duo was away.",
            counts.failOpen)
        page.add(
            "duet_suspended_logins_total", .counter, "Logins let in because an administrator has suspended Duet.",
            counts.suspended)
        page.add(
            "duet_fraud_logins_total", .counter,
            "Logins that somebody has reported as fraud on the phone, those included that had gone by then.",
            counts.frauds)
        page.add(
            "duet_late_refusals_total", .counter, "Pushes and calls that were refused after their login had gone.",
            [false, true].map { ([("answer", $0 ? "fraud" : "deny")], Double(counts.lateRefusals[$0, default: 0])) })
        let isSuspended =
            switch switches.suspension() {
            case .on(_, _): 1
            case .off, .void(_): 0
            }
        page.add("duet_suspended", .gauge, "1 while an administrator has suspended the second factor.", isSuspended)
    }

    private func addConfiguration(to page: inout MetricsText) {
        var isRefusing = 0
        var isStale = governor.lastRefusal == nil ? 0 : 1
        switch governor.readiness {
        case .refusing: isRefusing = 1
        case .ready(let active): if active.stale != nil { isStale = 1 }
        }
        page.add(
            "duet_refusing", .gauge, "1 while every login is refused: the configuration does not stand.", isRefusing)
        page.add(
            "duet_configuration_stale", .gauge,
            "1 while the configuration file has errors and an older one is in force.",
            isStale)
    }

    private func addApplications(to page: inout MetricsText) {
        guard case .ready(let active) = governor.readiness else { return }
        let connections = active.applications.values.sorted { $0.name < $1.name }
        func samples(_ value: (DuoConnection) -> Double?) -> [(MetricsText.Labels, Double)] {
            connections.compactMap { connection in value(connection).map { ([("application", connection.name)], $0) } }
        }
        page.add(
            "duet_duo_up", .gauge, "Whether Duo answered when it was last asked.",
            samples { $0.contact.last.map { $0.succeeded ? 1 : 0 } })
        page.add(
            "duet_duo_breaker_open", .gauge, "1 while Duo is known to be away and logins follow their fail mode.",
            samples { $0.application.breaker.outage == nil ? 0 : 1 })
        page.add(
            "duet_duo_clock_offset_seconds", .gauge, "Duo's clock minus this host's.",
            samples { Double($0.application.api.clock.offset) })
        page.add(
            "duet_ca_expiry_timestamp_seconds", .gauge,
            "When the certificate authority ends that vouches for Duo, or the first of the chosen ones, Unix time.",
            samples { $0.authorityExpiry.map(Double.init) })
    }

    private func addMemory(_ counts: Metrics.Counts, to page: inout MetricsText) {
        page.add(
            "duet_remembered_lookups_total", .counter,
            "Logins under rules that remember, by whether an allow was found.",
            [([("result", "hit")], Double(counts.hits)), ([("result", "miss")], Double(counts.misses))])
        if case .success(let count) = store.count() {
            page.add("duet_remembered_decisions", .gauge, "Decisions that are remembered.", count)
        }
        page.add(
            "duet_memory_failing", .gauge, "1 while nothing can be remembered, and so nobody gets a push.",
            memory.trouble == nil ? 0 : 1)
        page.add(
            "duet_push_refusals_total", .counter, "Pushes, calls and SMS that nobody got, by what stopped them.",
            counts.refusedPushes.sorted { $0.key < $1.key }.map { ([("reason", $0)], Double($1)) })
    }
}
