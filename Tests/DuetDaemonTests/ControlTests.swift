import DuetWire
import DuoSimulator
import Testing

@testable import DuetDaemon

@Suite("Control socket", .timeLimit(.minutes(1)), .serialized)
struct ControlTests {
    /// A login of root's, whom Duo does not know: it stands at the enrolment prompt.
    private func waiting(_ daemon: RunningDaemon, isTrial: Bool = false) async throws -> ModulePeer {
        let peer = try ModulePeer(path: daemon.loginSocket)
        try peer.send(ModulePeer.begin("root", isTrial: isTrial))
        _ = try await peer.prompt()
        return peer
    }

    @Test("A login in flight is listed with what it waits for, and a cancelled one is refused and told so")
    func cancel() async throws {
        try await RunningDaemon.with { daemon in
            let control = ControlPeer(path: daemon.controlSocket)
            let peer = try await waiting(daemon)
            let report = try await control.ask("logins").decoded(LoginsReport.self)
            let login = try #require(report.logins.first)
            #expect(report.inFlight == 1 && report.logins.count == 1)
            #expect(login.user == "root" && login.service == "duet-test" && login.waitingFor == "enrolment")

            let answer = try await control.ask("logins-cancel", CancelOrder(id: login.id, by: "alice\u{1B}[2J"))
            #expect(answer.status == .done)
            let (verdict, before) = try await peer.verdict()
            #expect(verdict?.result == .deny && verdict?.reason == "cancelled")
            #expect(
                before.contains { if case .show(.error, let text) = $0 { text.contains("ended this") } else { false } })
            #expect(try await daemon.log.wait(for: "login cancelled")["by"] == "alice[2J (uid 0)")

            let history = try await control.ask("history", HistoryFilter(login: login.id)).decoded(HistoryReport.self)
            let record = try #require(history.logins.first)
            #expect(record.reason == "cancelled" && record.cause == "cancelled by alice[2J (uid 0)")
            let none = try await control.ask("logins").decoded(LoginsReport.self)
            #expect(none.logins.isEmpty)
            #expect(try await control.ask("logins-cancel", CancelOrder(id: login.id, by: nil)).status == .failed)
        }
    }

    @Test(
        "Arguments that make no sense are refused",
        arguments: [
            ("history", #"{"limit": 0}"#), ("history", #"{"result": "alow"}"#), ("history", #"{"since": "now"}"#),
            ("history", #"{"reason": "no_such_reason"}"#), ("history", "[]"), ("logins-cancel", "{}"),
            ("logins-cancel", #"{"id": "no such login"}"#), ("no-such-verb", "{}"),
        ])
    func refusals(_ verb: String, _ arguments: String) async throws {
        try await RunningDaemon.with { daemon in
            let answer = try await ControlPeer(path: daemon.controlSocket).ask(verb, text: arguments)
            #expect(answer.status == .failed)
        }
    }

    @Test("The record of a login is there when its verdict is")
    func recorded() async throws {
        try await RunningDaemon.with { daemon in
            let peer = try ModulePeer(path: daemon.loginSocket)
            try peer.send(ModulePeer.begin("nobody-knows-me"))
            let verdict = try #require(try await peer.verdict().verdict)
            let control = ControlPeer(path: daemon.controlSocket)
            let history = try await control.ask("history").decoded(HistoryReport.self)
            #expect(history.logins.map(\.id) == [verdict.login])
            #expect(history.logins.first?.result == "unknown")
            let status = try await control.ask("status").decoded(StatusReport.self)
            #expect(status.today?.denied == 1 && status.logins == ["unknown": 1])
        }
    }

    @Test("A trial says which rule it meets, counts nowhere, and is marked as what it is")
    func trial() async throws {
        try await RunningDaemon.with { daemon in
            let peer = try ModulePeer(path: daemon.loginSocket)
            try peer.send(ModulePeer.begin("root", isTrial: true))
            var shown: [String] = []
            while let message = try await peer.receive() {
                if case .show(_, let text) = message { shown.append(text) }
                if case .prompt(let number, _, _) = message { try peer.send(.answer(prompt: number, text: "")) }
                if case .verdict(let verdict) = message { #expect(verdict.reason == "duo_enroll") }
            }
            #expect(shown.first?.hasPrefix("Rule ") == true)
            let control = ControlPeer(path: daemon.controlSocket)
            let history = try await control.ask("history").decoded(HistoryReport.self)
            #expect(history.logins.map(\.isTrial) == [true])
            let status = try await control.ask("status").decoded(StatusReport.self)
            #expect(status.today?.denied == 0 && status.logins.isEmpty)
            #expect(try await daemon.log.wait(for: "login decided")["trial"] == "yes")
        }
    }

    @Test("The status says why it is not healthy, how fast Duo is, and who vouches for it")
    func status() async throws {
        try await RunningDaemon.with { daemon in
            let control = ControlPeer(path: daemon.controlSocket)
            var report = try await control.ask("status").decoded(StatusReport.self)
            // The first ping is on its way.
            for _ in 0..<1_000 where report.duo?.lastCallSucceeded == nil {
                try await Task.sleep(for: .milliseconds(10))
                report = try await control.ask("status").decoded(StatusReport.self)
            }
            #expect((report.duo?.lastRoundTrip ?? 0) > 0)
            #expect(report.duo?.authorities?.file == daemon.simulator.caFile)
            #expect(report.health == (report.troubles.isEmpty ? .healthy : .degraded))
        }
        try await RunningDaemon.with(configuration: "[duo]\nikey = 1\n") { daemon in
            let report = try await ControlPeer(path: daemon.controlSocket).ask("status").decoded(StatusReport.self)
            #expect(report.health == .refusing && report.troubles.first?.contains("Refusing every login") == true)
        }
    }

    @Test("The daemon says what it is made of")
    func version() async throws {
        try await RunningDaemon.with { daemon in
            let report = try await ControlPeer(path: daemon.controlSocket).ask("version").decoded(VersionReport.self)
            #expect(report.version == DuetVersion.current && report.protocolVersion == 1)
            #expect(Set(report.libraries.keys) == ["libcurl", "OpenSSL", "SQLite"])
        }
    }
}
