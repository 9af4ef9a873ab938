import DuetMemory
import DuetPolicy
import DuoAPI
import DuoSimulator
import FoundationEssentials
import Glibc
import Secrets
import Testing

@testable import DuetLogin

/// A simulator, a client of it, and logins.
struct Cloud {
    let simulator: Simulator
    let transport: Transport
    /// Of the logins of this cloud; gone with it.
    let memory: Memory
    let budget: PushBudget
    let approvals: Approvals
    let prefetches = Prefetches()
    private let flights = SingleFlight<FlightKey, ApprovalEnd>()

    static func with(
        limits: PushLimits = PushLimits(maxPending: 10, maxDenied: 100),
        simulated options: SimulatorOptions = SimulatorOptions(),
        late: @escaping @Sendable (LateRefusal) -> Void = { _ in }, _ body: (Cloud) async throws -> Void
    ) async throws {
        let simulator = try await Simulator.start(options)
        let transport = try Transport(TransportOptions(caFile: simulator.caFile))
        let folder = FileManager.default.temporaryDirectory.path + "/duet-memory-\(UInt64.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let memory = Memory(folder: folder, bootID: "boot") { _ in }
        // Wide, so that the tests of one thing do not meet the limits of another.
        let budget = PushBudget(memory, limits: limits)
        let approvals = Approvals(report: late)
        let cloud = Cloud(
            simulator: simulator, transport: transport, memory: memory, budget: budget, approvals: approvals)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await approvals.run() }
                try await body(cloud)
                group.cancelAll()
            }
        } catch {
            transport.shutdown()
            try await simulator.stop()
            throw error
        }
        transport.shutdown()
        try await simulator.stop()
    }

    private static let down = DuoError.unreachable(.connect(errno: ECONNREFUSED))

    /// One whose pings find nobody.
    static func breakerOfAnOutage() -> CircuitBreaker {
        CircuitBreaker(
            now: { ContinuousClock.now }, sleep: { try await Task.sleep(for: $0) },
            ping: { (_) async throws(DuoError) in throw down })
    }

    static func meetOutage(_ breaker: CircuitBreaker) async {
        _ = try? await breaker.watch(patience: { .seconds(5) }) { () async throws(DuoError) in throw down }
        #expect(breaker.outage != nil)
    }

    func application(secretKey: String? = nil) throws -> DuoApplication {
        let options = SimulatorOptions()
        let host = try #require(APIHost(simulator.apiHost))
        let credentials = Credentials(
            integrationKey: options.integrationKey, secretKey: Secret(secretKey ?? options.secretKey))
        let api = AuthAPI(
            host: host, credentials: credentials, transport: transport, clock: DuoClock { Int64(Glibc.time(nil)) })
        let breaker = CircuitBreaker(
            now: { ContinuousClock.now }, sleep: { try await Task.sleep(for: $0) },
            ping: { (patience) async throws(DuoError) in _ = try await api.ping(deadline: patience) })
        return DuoApplication(api: api, breaker: breaker)
    }

    /// One whole login of `user`.
    func login(
        _ user: String, _ person: ScriptedPerson, _ requirement: Requirement = Requirement(), secretKey: String? = nil,
        time: Duration = .seconds(100), remaining: (@Sendable () -> Duration)? = nil,
        wording: PushWording = PushWording(), key: DecisionKey? = nil,
        ahead: PrefetchKey? = nil, isTrial: Bool = false, application given: DuoApplication? = nil,
        settles: @escaping @Sendable () -> Bool = { !Task.isCancelled },
        stage: @escaping @Sendable (LoginStage) -> Void = { _ in }
    ) async throws -> Outcome {
        let application = try given ?? application(secretKey: secretKey)
        let request = LoginRequest(
            id: "0123456789abcdef", user: user, service: "sshd", address: ClientAddress("192.0.2.9"), tty: "ssh",
            caller: 0, command: "sudo \u{1B}[31mreboot", host: "host.example", wording: wording,
            isTrial: isTrial)
        let deadline = ContinuousClock.now + time
        let memory = LoginMemory(
            store: DecisionStore(memory), budget: budget, flights: flights, approvals: approvals,
            person: Person(uid: 1_000, duoUser: user), recordKey: key, begun: BootClock.now(),
            settles: settles)
        let login = Login(
            request: request, requirement: requirement, application: application, memory: memory,
            conversation: person, stage: stage, remaining: remaining ?? { deadline - ContinuousClock.now })
        var advance = await login.begin(
            Earlier(lookUpKeys: key.map { [$0] } ?? [], ahead: ahead.map { (prefetches, $0) }))
        while true {
            switch advance {
            case .decided(let outcome): return outcome
            case .asks(let text, let course):
                guard let answer = try? await person.ask(text) else { return login.left(course) }
                advance = await login.goOn(course, answer: answer)
            case .sends(let approval, let course): advance = await login.goOn(course, sending: approval)
            }
        }
    }

    /// The pushes and calls that were started.
    func approvals() async -> [TransactionSummary] {
        await simulator.cloud.transactions().filter { $0.factor == "push" || $0.factor == "phone" }
    }

    /// The pushes and calls, as soon as there are `count`.
    func waitForApprovals(_ count: Int) async throws -> [TransactionSummary] {
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            let approvals = await approvals()
            if approvals.count >= count { return approvals }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw CloudError.nothingWaiting
    }

    /// Answers the push or call that waits, or that will be.
    func answer(_ answer: PhoneAnswer) async throws {
        let waiting = try await simulator.cloud.waitForTransaction(within: .seconds(10))
        try await simulator.cloud.answer(answer, txid: waiting.txid)
    }
}
