import DuetPolicy
import Synchronization
import Testing

@testable import DuetMemory

@Suite struct PushBudgetTests {
    private let folder: TestFolder
    private let memory: Memory
    private let budget: PushBudget

    init() throws {
        folder = try TestFolder()
        memory = folder.memory()
        budget = PushBudget(memory)
    }

    private func end(_ person: Person = .alice, _ outcomes: PushOutcome...) async throws {
        for outcome in outcomes {
            let charge = try #require(await budget.charge(person).charge)
            await budget.settle(charge, as: outcome)
        }
    }

    @Test("As many pushes wait at once as may, and each that ends makes room", arguments: PushOutcome.allCases)
    func pending(outcome: PushOutcome) async throws {
        let first = try #require(await budget.charge(.alice).charge)
        #expect(await budget.standing(.alice) == nil)
        #expect(await budget.charge(.alice).charge != nil)
        #expect(await budget.standing(.alice) == .pending)
        #expect(await budget.charge(.alice).stop == .pending)
        await budget.settle(first, as: outcome)
        let next = await budget.charge(.alice)
        #expect(outcome == .fraud ? next.charge == nil : next.charge != nil)
    }

    @Test("Two logins at once do not both take the last place (rule 1)")
    func atOnce() async {
        let charged = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 { group.addTask { await budget.charge(.alice).charge != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(charged == 2)
    }

    @Test(
        "The third that is not approved stops pushes, until the cool-down ends",
        arguments: [
            [PushOutcome.denied, .denied, .denied], [.timedOut, .timedOut, .timedOut],
            [.abandoned, .abandoned, .abandoned],
            [.denied, .timedOut, .abandoned], [.denied, .approved, .denied, .approved, .denied],
        ])
    func denials(outcomes: [PushOutcome]) async throws {
        for outcome in outcomes {
            #expect(await budget.standing(.alice) == nil)
            try await end(.alice, outcome)
        }
        #expect(await budget.standing(.alice) == .denials(remaining: .seconds(900)))
        #expect(await budget.charge(.alice).stop == .denials(remaining: .seconds(900)))
        folder.clock.advance(by: .milliseconds(899_999))
        #expect(await budget.charge(.alice).stop == .denials(remaining: .milliseconds(1)))
        folder.clock.advance(by: .milliseconds(1))
        #expect(await budget.charge(.alice).charge != nil)
    }

    @Test(
        "Deny and fraud count when the login has gone, once, and nothing else does (rule 6)",
        arguments: PushOutcome.allCases)
    func late(outcome: PushOutcome) async throws {
        let store = DecisionStore(memory)
        let isRefusal = outcome == .denied || outcome == .fraud
        let first = try #require(await budget.charge(.alice).charge)
        await budget.settle(first, as: .abandoned)
        _ = await store.remember(.alice)
        await budget.settleLate(first, as: outcome)
        #expect(try await store.has(.alice) != isRefusal)
        #expect(await budget.standing(.alice) == (outcome == .fraud ? .fraud(remaining: .seconds(3_600)) : nil))
        folder.clock.advance(by: .seconds(3_600))
        // The word may come before the login has said that it went.
        let second = try #require(await budget.charge(.alice).charge)
        await budget.settleLate(second, as: outcome)
        await budget.settle(second, as: .abandoned)
        // One failure each, so the third is still free; after a fraud there is none.
        #expect((await budget.charge(.alice).charge != nil) == (outcome != .fraud))
    }

    @Test("A push that was approved cannot be refused later")
    func lateAfterApproval() async throws {
        let charge = try #require(await budget.charge(.alice).charge)
        await budget.settle(charge, as: .approved)
        await budget.settleLate(charge, as: .denied)
        try await end(.alice, .denied, .denied)
        #expect(await budget.standing(.alice) == nil)
    }

    @Test("The fourth SMS within the cool-down is not sent, and pushes go on (rule 7)")
    func texts() async throws {
        for _ in 0..<3 {
            #expect(await budget.chargeText(.alice) == nil)
            folder.clock.advance(by: .seconds(100))
        }
        #expect(await budget.chargeText(.alice) == .texts(remaining: .seconds(600)))
        #expect(await budget.chargeText(Person(uid: 7, duoUser: "ALICE")) == .texts(remaining: .seconds(600)))
        #expect(await budget.chargeText(Person(uid: 7, duoUser: "bob")) == nil)
        #expect(await budget.standing(.alice) == nil)
        folder.clock.advance(by: .milliseconds(599_999))
        #expect(await budget.chargeText(.alice) == .texts(remaining: .milliseconds(1)))
        folder.clock.advance(by: .milliseconds(1))
        #expect(await budget.chargeText(.alice) == nil)
        #expect(await budget.chargeText(.alice) == .texts(remaining: .seconds(100)))
    }

    @Test("A right passcode gives SMS back, and pushes that are stopped do not stop them")
    func textsGoOn() async throws {
        try await end(.alice, .denied, .denied, .fraud)
        for _ in 0..<3 { #expect(await budget.chargeText(.alice) == nil) }
        #expect(await budget.chargeText(.alice) != nil)
        await budget.passcodeSucceeded(.alice)
        #expect(await budget.chargeText(.alice) == nil)
    }

    @Test("Whoever gets no push or no SMS is told of each time, by what stopped it, and nobody else is")
    func refused() async throws {
        let stops = Mutex<[PushStop]>([])
        let budget = PushBudget(memory, limits: PushLimits(maxPending: 1, maxSMS: 1)) { stop in
            stops.withLock { $0.append(stop) }
        }
        #expect(await budget.chargeText(.alice) == nil)
        #expect(await budget.charge(.alice).charge != nil)
        #expect(stops.withLock { $0 } == [])
        for _ in 0..<2 { _ = await budget.chargeText(.alice) }
        _ = await budget.charge(.alice)
        _ = await budget.standing(.alice)
        #expect(
            stops.withLock { $0 } == Array(repeating: .texts(remaining: .seconds(900)), count: 2) + [
                .pending, .pending,
            ])
    }

    @Test("Two logins at once do not both send the last SMS")
    func textsAtOnce() async {
        let charged = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 { group.addTask { await budget.chargeText(.alice) == nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(charged == 3)
    }

    @Test("Approved pushes cost nothing")
    func approvals() async throws {
        for _ in 0..<100 { try await end(.alice, .approved) }
        #expect(await budget.standing(.alice) == nil)
    }

    @Test("Denials that lie further apart than the window do not add up")
    func window() async throws {
        for _ in 0..<20 {
            try await end(.alice, .denied)
            folder.clock.advance(by: .seconds(150))
        }
        try await end(.alice, .denied)
        folder.clock.advance(by: .seconds(149))
        try await end(.alice, .denied)
        #expect(await budget.standing(.alice) == .denials(remaining: .seconds(900)))
    }

    @Test(
        "The uid and the Duo user are counted each by itself",
        arguments: [
            (Person(uid: 1_000, duoUser: "alice"), true), (Person(uid: 1_000, duoUser: "admin"), true),
            (Person(uid: 1_001, duoUser: "ALICE"), true), (Person(uid: 1_001, duoUser: "bob"), false),
            (Person(uid: 0, duoUser: "root"), false),
        ])
    func persons(person: Person, isStopped: Bool) async throws {
        try await end(.alice, .denied, .denied, .denied)
        #expect((await budget.charge(person).charge == nil) == isStopped)
    }

    @Test("Denials of one uid and of one Duo user do not add up across persons")
    func union() async throws {
        try await end(Person(uid: 1_000, duoUser: "admin"), .denied)
        try await end(Person(uid: 1_001, duoUser: "alice"), .denied)
        try await end(.alice, .denied)
        #expect(await budget.standing(.alice) == nil)
    }

    @Test(
        "A passcode ends the cool-down of its Duo user and no other's (rule 5)",
        arguments: [
            (Person(uid: 1_000, duoUser: "alice"), true), (Person(uid: 1_001, duoUser: "Alice"), true),
            (Person(uid: 1_000, duoUser: "mallory"), false), (Person(uid: 1_001, duoUser: "bob"), false),
        ])
    func passcode(person: Person, isForgiven: Bool) async throws {
        try await end(.alice, .denied, .denied, .denied)
        await budget.passcodeSucceeded(person)
        #expect((await budget.standing(.alice) == nil) == isForgiven)
        // What is forgiven does not count again with the next.
        if isForgiven { try await end(.alice, .denied, .denied) }
        #expect((await budget.standing(.alice) == nil) == isForgiven)
    }

    @Test("After a fraud pushes stop for longer, and a passcode does not bring them back (rule 5)")
    func fraud() async throws {
        try await end(.alice, .fraud)
        await budget.passcodeSucceeded(.alice)
        #expect(await budget.charge(.alice).stop == .fraud(remaining: .seconds(3_600)))
        folder.clock.advance(by: .milliseconds(3_599_999))
        #expect(await budget.charge(.alice).stop == .fraud(remaining: .milliseconds(1)))
        folder.clock.advance(by: .milliseconds(1))
        #expect(await budget.charge(.alice).charge != nil)
    }

    @Test("An administrator ends any of them")
    func cleared() async throws {
        try await end(.alice, .denied, .denied, .fraud)
        try await budget.clear(.alice).get()
        #expect(await budget.charge(.alice).charge != nil)
    }

    @Test("What a dead daemon left counts as abandoned after a minute (rule 3)")
    func crashed() async throws {
        _ = try #require(await budget.charge(.alice).charge)
        _ = try #require(await budget.charge(.alice).charge)
        memory.close()
        let next = PushBudget(folder.memory())
        #expect(await next.charge(.alice).stop == .pending)
        folder.clock.advance(by: .milliseconds(59_999))
        #expect(await next.charge(.alice).stop == .pending)
        folder.clock.advance(by: .milliseconds(1))
        let third = try #require(await next.charge(.alice).charge)
        await next.settle(third, as: .timedOut)
        #expect(await next.standing(.alice) == .denials(remaining: .seconds(900)))
    }

    @Test("Three that a dead daemon left stop pushes from when they were over (rule 3)")
    func crashedThree() async throws {
        let patient = PushBudget(memory, limits: PushLimits(maxPending: 3))
        for _ in 0..<3 { _ = try #require(await patient.charge(.alice).charge) }
        folder.clock.advance(by: .seconds(100))
        #expect(await patient.charge(.alice).stop == .denials(remaining: .seconds(860)))
        // Beyond the window too.
        folder.clock.advance(by: .seconds(859))
        #expect(await patient.charge(.alice).stop == .denials(remaining: .seconds(1)))
        folder.clock.advance(by: .seconds(1))
        #expect(await patient.charge(.alice).charge != nil)
    }

    @Test("A late approval still counts as one, and only the first word about a charge counts")
    func late() async throws {
        let charge = try #require(await budget.charge(.alice).charge)
        folder.clock.advance(by: .seconds(61))
        await budget.settle(charge, as: .approved)
        try await end(.alice, .denied, .denied)
        #expect(await budget.standing(.alice) == nil)

        let other = Person(uid: 7, duoUser: "seven")
        let denied = try #require(await budget.charge(other).charge)
        await budget.settle(denied, as: .denied)
        await budget.settle(denied, as: .approved)
        try await end(other, .denied, .denied)
        #expect(await budget.standing(other) == .denials(remaining: .seconds(900)))
    }

    @Test("Stops survive the daemon, not the boot", arguments: [("boot-1", true), ("boot-2", false)])
    func restart(bootID: String, isStopped: Bool) async throws {
        try await end(.alice, .denied, .denied, .denied)
        try await end(Person(uid: 7, duoUser: "seven"), .fraud)
        memory.close()
        let next = PushBudget(folder.memory(bootID: bootID))
        #expect((await next.charge(.alice).charge == nil) == isStopped)
        #expect((await next.charge(Person(uid: 7, duoUser: "seven")).charge == nil) == isStopped)
    }

    @Test("A remembered denial stops the pushes of its key, for as long as it lives")
    func rememberedDenial() async {
        let store = DecisionStore(memory)
        _ = await store.rememberDenial(.alice, loginID: "1", why: "denied", lifetime: .seconds(30))
        #expect(await budget.charge(.alice, key: .alice).stop == .rememberedDenial(remaining: .seconds(30)))
        #expect(await budget.standing(.alice, key: Theft.user) == nil)
        #expect(await budget.standing(.alice) == nil)
        folder.clock.advance(by: .seconds(30))
        #expect(await budget.charge(.alice, key: .alice).charge != nil)
    }

    @Test("A remembered allow stops no push")
    func rememberedAllow() async {
        #expect(await DecisionStore(memory).remember(.alice).isRemembered)
        #expect(await budget.charge(.alice, key: .alice).charge != nil)
    }

    @Test("What is over is swept away")
    func swept() async throws {
        try await end(.alice, .denied, .denied, .denied)
        try await end(Person(uid: 7, duoUser: "seven"), .timedOut)
        folder.clock.advance(by: .seconds(7_200))
        try await end(Person(uid: 8, duoUser: "eight"), .approved)
        for table in ["pushes", "stops"] {
            let count = try memory.attempt { database, _ in
                try database.rows(sql: "SELECT count(*) FROM \(table)") { try $0.integer(0) }
            }.get()
            #expect(count == [0])
        }
    }
}
