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

    private func end(_ person: Person = .alice, _ outcomes: PushOutcome...) throws {
        for outcome in outcomes {
            let charge = try #require(budget.charge(person).charge)
            budget.settle(charge, as: outcome)
        }
    }

    @Test("As many pushes wait at once as may, and each that ends makes room", arguments: PushOutcome.allCases)
    func pending(outcome: PushOutcome) throws {
        let first = try #require(budget.charge(.alice).charge)
        #expect(budget.standing(.alice) == nil)
        #expect(budget.charge(.alice).charge != nil)
        #expect(budget.standing(.alice) == .pending)
        #expect(budget.charge(.alice).stop == .pending)
        budget.settle(first, as: outcome)
        let next = budget.charge(.alice)
        #expect(outcome == .fraud ? next.charge == nil : next.charge != nil)
    }

    @Test("Two logins at once do not both take the last place (rule 1)")
    func atOnce() async {
        let charged = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 { group.addTask { budget.charge(.alice).charge != nil } }
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
    func denials(outcomes: [PushOutcome]) throws {
        for outcome in outcomes {
            #expect(budget.standing(.alice) == nil)
            try end(.alice, outcome)
        }
        #expect(budget.standing(.alice) == .denials(remaining: .seconds(900)))
        #expect(budget.charge(.alice).stop == .denials(remaining: .seconds(900)))
        folder.clock.advance(by: .milliseconds(899_999))
        #expect(budget.charge(.alice).stop == .denials(remaining: .milliseconds(1)))
        folder.clock.advance(by: .milliseconds(1))
        #expect(budget.charge(.alice).charge != nil)
    }

    @Test(
        "Deny and fraud count when the login has gone, once, and nothing else does (rule 6)",
        arguments: PushOutcome.allCases)
    func late(outcome: PushOutcome) throws {
        let store = DecisionStore(memory)
        let isRefusal = outcome == .denied || outcome == .fraud
        let first = try #require(budget.charge(.alice).charge)
        budget.settle(first, as: .abandoned)
        _ = store.remember(.alice)
        budget.settleLate(first, as: outcome)
        #expect(try store.has(.alice) != isRefusal)
        #expect(budget.standing(.alice) == (outcome == .fraud ? .fraud(remaining: .seconds(3_600)) : nil))
        folder.clock.advance(by: .seconds(3_600))
        // The word may come before the login has said that it went.
        let second = try #require(budget.charge(.alice).charge)
        budget.settleLate(second, as: outcome)
        budget.settle(second, as: .abandoned)
        // One failure each, so the third is still free; after a fraud there is none.
        #expect((budget.charge(.alice).charge != nil) == (outcome != .fraud))
    }

    @Test("A push that was approved cannot be refused later")
    func lateAfterApproval() throws {
        let charge = try #require(budget.charge(.alice).charge)
        budget.settle(charge, as: .approved)
        budget.settleLate(charge, as: .denied)
        try end(.alice, .denied, .denied)
        #expect(budget.standing(.alice) == nil)
    }

    @Test("The fourth SMS within the cool-down is not sent, and pushes go on (rule 7)")
    func texts() throws {
        for _ in 0..<3 {
            #expect(budget.chargeText(.alice) == nil)
            folder.clock.advance(by: .seconds(100))
        }
        #expect(budget.chargeText(.alice) == .texts(remaining: .seconds(600)))
        #expect(budget.chargeText(Person(uid: 7, duoUser: "ALICE")) == .texts(remaining: .seconds(600)))
        #expect(budget.chargeText(Person(uid: 7, duoUser: "bob")) == nil)
        #expect(budget.standing(.alice) == nil)
        folder.clock.advance(by: .milliseconds(599_999))
        #expect(budget.chargeText(.alice) == .texts(remaining: .milliseconds(1)))
        folder.clock.advance(by: .milliseconds(1))
        #expect(budget.chargeText(.alice) == nil)
        #expect(budget.chargeText(.alice) == .texts(remaining: .seconds(100)))
    }

    @Test("A right passcode gives SMS back, and pushes that are stopped do not stop them")
    func textsGoOn() throws {
        try end(.alice, .denied, .denied, .fraud)
        for _ in 0..<3 { #expect(budget.chargeText(.alice) == nil) }
        #expect(budget.chargeText(.alice) != nil)
        budget.passcodeSucceeded(.alice)
        #expect(budget.chargeText(.alice) == nil)
    }

    @Test("Whoever gets no push or no SMS is told of each time, by what stopped it, and nobody else is")
    func refused() throws {
        let stops = Mutex<[PushStop]>([])
        let budget = PushBudget(memory, limits: PushLimits(maxPending: 1, maxSMS: 1)) { stop in
            stops.withLock { $0.append(stop) }
        }
        #expect(budget.chargeText(.alice) == nil)
        #expect(budget.charge(.alice).charge != nil)
        #expect(stops.withLock { $0 } == [])
        for _ in 0..<2 { _ = budget.chargeText(.alice) }
        _ = budget.charge(.alice)
        _ = budget.standing(.alice)
        #expect(
            stops.withLock { $0 } == Array(repeating: .texts(remaining: .seconds(900)), count: 2) + [
                .pending, .pending,
            ])
    }

    @Test("Two logins at once do not both send the last SMS")
    func textsAtOnce() async {
        let charged = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 { group.addTask { budget.chargeText(.alice) == nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(charged == 3)
    }

    @Test("Approved pushes cost nothing")
    func approvals() throws {
        for _ in 0..<100 { try end(.alice, .approved) }
        #expect(budget.standing(.alice) == nil)
    }

    @Test("Denials that lie further apart than the window do not add up")
    func window() throws {
        for _ in 0..<20 {
            try end(.alice, .denied)
            folder.clock.advance(by: .seconds(150))
        }
        try end(.alice, .denied)
        folder.clock.advance(by: .seconds(149))
        try end(.alice, .denied)
        #expect(budget.standing(.alice) == .denials(remaining: .seconds(900)))
    }

    @Test(
        "The uid and the Duo user are counted each by itself",
        arguments: [
            (Person(uid: 1_000, duoUser: "alice"), true), (Person(uid: 1_000, duoUser: "admin"), true),
            (Person(uid: 1_001, duoUser: "ALICE"), true), (Person(uid: 1_001, duoUser: "bob"), false),
            (Person(uid: 0, duoUser: "root"), false),
        ])
    func persons(person: Person, isStopped: Bool) throws {
        try end(.alice, .denied, .denied, .denied)
        #expect((budget.charge(person).charge == nil) == isStopped)
    }

    @Test("Denials of one uid and of one Duo user do not add up across persons")
    func union() throws {
        try end(Person(uid: 1_000, duoUser: "admin"), .denied)
        try end(Person(uid: 1_001, duoUser: "alice"), .denied)
        try end(.alice, .denied)
        #expect(budget.standing(.alice) == nil)
    }

    @Test(
        "A passcode ends the cool-down of its Duo user and no other's (rule 5)",
        arguments: [
            (Person(uid: 1_000, duoUser: "alice"), true), (Person(uid: 1_001, duoUser: "Alice"), true),
            (Person(uid: 1_000, duoUser: "mallory"), false), (Person(uid: 1_001, duoUser: "bob"), false),
        ])
    func passcode(person: Person, isForgiven: Bool) throws {
        try end(.alice, .denied, .denied, .denied)
        budget.passcodeSucceeded(person)
        #expect((budget.standing(.alice) == nil) == isForgiven)
        // What is forgiven does not count again with the next.
        if isForgiven { try end(.alice, .denied, .denied) }
        #expect((budget.standing(.alice) == nil) == isForgiven)
    }

    @Test("After a fraud pushes stop for longer, and a passcode does not bring them back (rule 5)")
    func fraud() throws {
        try end(.alice, .fraud)
        budget.passcodeSucceeded(.alice)
        #expect(budget.charge(.alice).stop == .fraud(remaining: .seconds(3_600)))
        folder.clock.advance(by: .milliseconds(3_599_999))
        #expect(budget.charge(.alice).stop == .fraud(remaining: .milliseconds(1)))
        folder.clock.advance(by: .milliseconds(1))
        #expect(budget.charge(.alice).charge != nil)
    }

    @Test("An administrator ends any of them")
    func cleared() throws {
        try end(.alice, .denied, .denied, .fraud)
        try budget.clear(.alice).get()
        #expect(budget.charge(.alice).charge != nil)
    }

    @Test("What a dead daemon left counts as abandoned after a minute (rule 3)")
    func crashed() throws {
        _ = try #require(budget.charge(.alice).charge)
        _ = try #require(budget.charge(.alice).charge)
        memory.close()
        let next = PushBudget(folder.memory())
        #expect(next.charge(.alice).stop == .pending)
        folder.clock.advance(by: .milliseconds(59_999))
        #expect(next.charge(.alice).stop == .pending)
        folder.clock.advance(by: .milliseconds(1))
        let third = try #require(next.charge(.alice).charge)
        next.settle(third, as: .timedOut)
        #expect(next.standing(.alice) == .denials(remaining: .seconds(900)))
    }

    @Test("Three that a dead daemon left stop pushes from when they were over (rule 3)")
    func crashedThree() throws {
        let patient = PushBudget(memory, limits: PushLimits(maxPending: 3))
        for _ in 0..<3 { _ = try #require(patient.charge(.alice).charge) }
        folder.clock.advance(by: .seconds(100))
        #expect(patient.charge(.alice).stop == .denials(remaining: .seconds(860)))
        // Beyond the window too.
        folder.clock.advance(by: .seconds(859))
        #expect(patient.charge(.alice).stop == .denials(remaining: .seconds(1)))
        folder.clock.advance(by: .seconds(1))
        #expect(patient.charge(.alice).charge != nil)
    }

    @Test("A late approval still counts as one, and only the first word about a charge counts")
    func late() throws {
        let charge = try #require(budget.charge(.alice).charge)
        folder.clock.advance(by: .seconds(61))
        budget.settle(charge, as: .approved)
        try end(.alice, .denied, .denied)
        #expect(budget.standing(.alice) == nil)

        let other = Person(uid: 7, duoUser: "seven")
        let denied = try #require(budget.charge(other).charge)
        budget.settle(denied, as: .denied)
        budget.settle(denied, as: .approved)
        try end(other, .denied, .denied)
        #expect(budget.standing(other) == .denials(remaining: .seconds(900)))
    }

    @Test("Stops survive the daemon, not the boot", arguments: [("boot-1", true), ("boot-2", false)])
    func restart(bootID: String, isStopped: Bool) throws {
        try end(.alice, .denied, .denied, .denied)
        try end(Person(uid: 7, duoUser: "seven"), .fraud)
        memory.close()
        let next = PushBudget(folder.memory(bootID: bootID))
        #expect((next.charge(.alice).charge == nil) == isStopped)
        #expect((next.charge(Person(uid: 7, duoUser: "seven")).charge == nil) == isStopped)
    }

    @Test("A remembered denial stops the pushes of its key, for as long as it lives")
    func rememberedDenial() {
        let store = DecisionStore(memory)
        _ = store.rememberDenial(.alice, loginID: "1", why: "denied", lifetime: .seconds(30))
        #expect(budget.charge(.alice, key: .alice).stop == .rememberedDenial(remaining: .seconds(30)))
        #expect(budget.standing(.alice, key: Theft.user) == nil)
        #expect(budget.standing(.alice) == nil)
        folder.clock.advance(by: .seconds(30))
        #expect(budget.charge(.alice, key: .alice).charge != nil)
    }

    @Test("A remembered allow stops no push")
    func rememberedAllow() {
        #expect(DecisionStore(memory).remember(.alice).isRemembered)
        #expect(budget.charge(.alice, key: .alice).charge != nil)
    }

    @Test("What is over is swept away")
    func swept() throws {
        try end(.alice, .denied, .denied, .denied)
        try end(Person(uid: 7, duoUser: "seven"), .timedOut)
        folder.clock.advance(by: .seconds(7_200))
        try end(Person(uid: 8, duoUser: "eight"), .approved)
        for table in ["pushes", "stops"] {
            let count = try memory.attempt { database, _ in
                try database.rows(sql: "SELECT count(*) FROM \(table)") { try $0.integer(0) }
            }.get()
            #expect(count == [0])
        }
    }
}
