import DuetWire
import DuoSimulator
import Glibc
import Synchronization
import Testing

@testable import DuetDaemon

@Suite("Many logins that end in every way at any moment", .timeLimit(.minutes(2)), .serialized)
struct LoginStormTests {
    private static let users = #"""
        {"users": [{"name": "root", "passcodes": {"app": ["123456"]}, "devices": [{"number": "+1 555 010 0301"}]}]}
        """#

    private final class Count: Sendable {
        private let count = Mutex(0)

        var value: Int { count.withLock { $0 } }

        func add() { count.withLock { $0 += 1 } }
    }

    /// What a peer does at its prompt.
    private enum Manner: CaseIterable {
        case hangsUpAtOnce, hangsUpAtPrompt, answersAndHangsUp, answersAnother, answersTwice, answersBadly, pushes,
            leavesIt
    }

    /// How many verdicts the peer has heard.
    private static func meet(_ daemon: RunningDaemon, _ manner: Manner) async throws -> Int {
        let peer = try ModulePeer(path: daemon.loginSocket)
        try peer.send(ModulePeer.begin("root", timeout: manner == .leavesIt ? .milliseconds(4_500) : .seconds(100)))
        if manner == .hangsUpAtOnce {
            try await Task.sleep(for: .microseconds(.random(in: 0...5_000)))
            peer.hangUp()
        }
        var verdicts = 0
        while let message = try await peer.receive() {
            switch message {
            case .verdict: verdicts += 1
            case .prompt(let number, _, _):
                switch manner {
                case .hangsUpAtOnce, .leavesIt: break
                case .hangsUpAtPrompt: peer.hangUp()
                case .answersAndHangsUp:
                    try peer.send(.answer(prompt: number, text: "000000"))
                    try await Task.sleep(for: .microseconds(.random(in: 0...3_000)))
                    peer.hangUp()
                case .answersAnother: try peer.send(.answer(prompt: number + 1, text: "123456"))
                case .answersTwice:
                    let frame = try ModuleMessage.answer(prompt: number, text: "what?").frame().bytes
                    peer.send(frame + frame)
                case .answersBadly: try peer.send(.answer(prompt: number, text: "000000"))
                case .pushes:
                    try peer.send(.answer(prompt: number, text: "push"))
                    try await Task.sleep(for: .microseconds(.random(in: 0...5_000)))
                    peer.hangUp()
                }
            case .show, .heartbeat: break
            }
        }
        return verdicts
    }

    @Test("Each has one end and one record, hears at most one verdict, and none is left")
    func storm() async throws {
        try await RunningDaemon.with(users: Self.users) { daemon in
            let control = ControlPeer(path: daemon.controlSocket)
            let administrator = Task {
                while !Task.isCancelled {
                    let logins = try await control.ask("logins").decoded(LoginsReport.self).logins
                    for login in logins.shuffled().prefix(2) {
                        _ = try await control.ask("logins-cancel", CancelOrder(id: login.id, by: nil))
                    }
                    try await Task.sleep(for: .milliseconds(.random(in: 1...20)))
                }
            }
            var count = 0
            // Few at once: whoever reads blocks a thread of those on which the simulator runs.
            for wave in 0..<40 {
                await withTaskGroup(of: Void.self) { group in
                    for manner in Manner.allCases where wave == 0 || manner != .leavesIt {
                        count += 1
                        group.addTask {
                            let verdicts = try? await Self.meet(daemon, manner)
                            switch manner {
                            case .answersBadly, .leavesIt: #expect(verdicts == 1, "\(manner)")
                            case .hangsUpAtOnce, .hangsUpAtPrompt, .answersAndHangsUp, .answersAnother, .answersTwice,
                                .pushes:
                                #expect(verdicts.map { $0 <= 1 } ?? false, "\(manner)")
                            }
                        }
                    }
                }
            }
            administrator.cancel()
            _ = await administrator.result
            for _ in 0..<1_000 where daemon.log.all("login decided").count < count {
                try await Task.sleep(for: .milliseconds(10))
            }
            let report = try await control.ask("logins").decoded(LoginsReport.self)
            #expect(report.inFlight == 0)
            let records = daemon.log.all("login decided")
            #expect(records.count == count && Set(records.compactMap { $0["login"] }).count == count)
        }
    }

    @Test("A daemon that ends in the middle leaves none without an end")
    func stopped() async throws {
        let (asked, verdicts) = (Count(), Count())
        var log: CapturedLog?
        var peers: [Task<Void, any Error>] = []
        try await RunningDaemon.with(users: Self.users) { daemon in
            log = daemon.log
            let path = daemon.loginSocket
            for _ in 0..<6 {
                peers.append(
                    Task {
                        let peer = try ModulePeer(path: path)
                        try peer.send(ModulePeer.begin("root", timeout: .seconds(100)))
                        var isAsked = false
                        while let message = try await peer.receive() {
                            switch message {
                            case .verdict: verdicts.add()
                            case .prompt(let number, _, _):
                                if !isAsked { asked.add() }
                                isAsked = true
                                try peer.send(.answer(prompt: number, text: "what?"))
                            case .show, .heartbeat: break
                            }
                        }
                    })
            }
            for _ in 0..<5_000 where asked.value < 4 { try await Task.sleep(for: .milliseconds(1)) }
        }
        for peer in peers { _ = await peer.result }
        let records = log?.all("login decided") ?? []
        #expect(records.count >= asked.value)
        #expect(records.count == verdicts.value)
        #expect(Set(records.compactMap { $0["login"] }).count == records.count)
    }
}
