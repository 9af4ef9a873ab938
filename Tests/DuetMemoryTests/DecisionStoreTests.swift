import DuetPolicy
import Testing

@testable import DuetMemory

@Suite struct DecisionStoreTests {
    private let folder: TestFolder
    private let memory: Memory
    private let store: DecisionStore

    init() throws {
        folder = try TestFolder()
        memory = folder.memory()
        store = DecisionStore(memory)
    }

    @Test("An allow is found by an equal key, with what is known of it", arguments: Theft.honest)
    func found(key: DecisionKey) throws {
        #expect(store.lookUp(key) == nil)
        let result = store.remember(key, uses: 5, factor: .passcode)
        folder.clock.advance(by: .seconds(60))
        let allow = try #require(store.lookUp(key))
        #expect(result == .remembered(id: allow.id))
        #expect(allow == RememberedAllow(id: allow.id, factor: .passcode, loginID: "0123456789abcdef"))
    }

    @Test("A stolen decision is worth nothing elsewhere (rule 2)", arguments: Theft.all)
    func stolen(theft: Theft) {
        for key in Theft.honest { #expect(store.remember(key).isRemembered) }
        #expect(store.lookUp(theft.key) == nil)
        for key in Theft.honest { #expect(store.lookUp(key) != nil) }
    }

    @Test("A new boot finds nothing, whoever has the key", arguments: ["boot-2", ""])
    func otherBoot(bootID: String) throws {
        for key in Theft.honest { #expect(store.remember(key).isRemembered) }
        memory.close()
        let next = folder.memory(bootID: bootID)
        for key in Theft.honest { #expect(DecisionStore(next).lookUp(key) == nil) }
        #expect(try DecisionStore(next).count().get() == 0)
    }

    @Test("Where the boot is not known, nothing outlives the daemon")
    func unknownBoot() {
        let first = folder.memory(bootID: "")
        #expect(DecisionStore(first).remember(.alice).isRemembered)
        #expect(DecisionStore(first).lookUp(.alice) != nil)
        first.close()
        #expect(DecisionStore(folder.memory(bootID: "")).lookUp(.alice) == nil)
    }

    @Test("A daemon that starts again in the same boot finds what the last one remembered")
    func restart() {
        #expect(store.remember(.alice).isRemembered)
        memory.close()
        #expect(DecisionStore(folder.memory()).lookUp(.alice) != nil)
    }

    @Test("An expired allow is asked again, and use does not renew it (rule 3)")
    func expiry() throws {
        #expect(store.remember(.alice, for: .seconds(100)).isRemembered)
        for _ in 0..<9 {
            folder.clock.advance(by: .seconds(11))
            #expect(store.lookUp(.alice) != nil)
        }
        folder.clock.advance(by: .milliseconds(999))
        #expect(store.lookUp(.alice) != nil)
        folder.clock.advance(by: .milliseconds(1))
        #expect(store.lookUp(.alice) == nil)
        #expect(try store.count().get() == 0)
    }

    @Test("No allow lives longer than its scope may (rule 3)", arguments: Theft.honest)
    func cap(key: DecisionKey) {
        #expect(store.remember(key, for: .seconds(1_000_000)).isRemembered)
        folder.clock.advance(by: key.scope.kind.longest - .milliseconds(1))
        #expect(store.lookUp(key) != nil)
        folder.clock.advance(by: .milliseconds(1))
        #expect(store.lookUp(key) == nil)
    }

    @Test(
        "An allow from the future, or one that lasts longer than any can, is none (rule 3)",
        arguments: [
            "granted = granted + 1", "expires = expires + 100000000", "uses = 0", "uses = -1", "factor = 'telepathy'",
            "factor = NULL",
        ])
    func impossible(change: String) throws {
        #expect(store.remember(.alice).isRemembered)
        try memory.attempt { database, _ in try database.execute("UPDATE decisions SET \(change)") }.get()
        #expect(store.lookUp(.alice) == nil)
    }

    @Test(
        "Without time or uses nothing is remembered",
        arguments: [
            (Duration.zero, Int?.none), (.seconds(-1), nil), (.microseconds(999), nil), (.seconds(60), 0),
            (.seconds(60), -1),
        ])
    func nothing(lifetime: Duration, uses: Int?) throws {
        #expect(store.remember(.alice, for: lifetime, uses: uses) == .notRemembered(.nothingToRemember))
        #expect(try store.count().get() == 0)
    }

    @Test("A decision with a number of uses dies with the last (rule 4)")
    func uses() throws {
        #expect(store.remember(.alice, uses: 3).isRemembered)
        for left in [[2], [1], []] as [[Int?]] {
            #expect(store.lookUp(.alice) != nil)
            #expect(try store.list().get().map(\.usesLeft) == left)
        }
        #expect(store.lookUp(.alice) == nil)
        #expect(try store.count().get() == 0)
    }

    @Test("Many logins at once get no more uses than there are (rule 4)")
    func usesAtOnce() async {
        #expect(store.remember(.alice, uses: 10).isRemembered)
        let granted = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 { group.addTask { store.lookUp(.alice) != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(granted == 10)
    }

    @Test("A use survives the daemon (rule 4)")
    func usesSurvive() {
        #expect(store.remember(.alice, uses: 2).isRemembered)
        #expect(store.lookUp(.alice) != nil)
        memory.close()
        let next = DecisionStore(folder.memory())
        #expect(next.lookUp(.alice) != nil)
        #expect(next.lookUp(.alice) == nil)
    }

    @Test(
        "Uses that nobody limits are counted when the next thing is written, when somebody looks, and when the daemon stops"
    )
    func unlimitedUses() throws {
        #expect(store.remember(.alice).isRemembered && store.remember(.other(2)).isRemembered)
        func used(_ store: DecisionStore) throws -> [Int] { try store.list().get().map(\.used) }
        for _ in 0..<3 { #expect(store.lookUp(.alice) != nil) }
        #expect(try used(store) == [3, 0])
        // More than are kept unwritten.
        for _ in 0..<1_000 { #expect(store.lookUp(.other(2)) != nil) }
        #expect(try used(store) == [3, 1_000])
        #expect(store.lookUp(.alice) != nil)
        memory.close()
        let next = folder.memory()
        #expect(try used(DecisionStore(next)) == [4, 1_000])
        // One that is gone takes its uses with it.
        #expect(DecisionStore(next).lookUp(.alice) != nil)
        _ = DecisionStore(next).forget(DecisionFilter(user: "alice"))
        #expect(try used(DecisionStore(next)) == [1_000])
    }

    @Test("A use that needs no writing ends as every other: by time, by a denial, by another boot")
    func unlimitedEnds() throws {
        #expect(store.remember(.alice, for: .seconds(100)).isRemembered)
        #expect(store.lookUp(.alice) != nil)
        _ = store.rememberDenial(.alice, loginID: "1", why: "denied", lifetime: .seconds(600))
        #expect(store.lookUp(.alice) == nil)
        #expect(store.remember(.alice, for: .seconds(100)).isRemembered)
        #expect(store.lookUp(.alice, factors: [.passcode]) == nil)
        #expect(store.lookUp(.alice) != nil)
        folder.clock.advance(by: .seconds(100))
        #expect(store.lookUp(.alice) == nil)
        #expect(try store.count().get() == 0)
    }

    @Test("A factor that the asking rule does not accept is no use of the decision (rule 2)")
    func factors() {
        #expect(store.remember(Theft.login, uses: 1, factor: .sms).isRemembered)
        #expect(store.lookUp(Theft.login, factors: [.push, .passcode]) == nil)
        #expect(store.lookUp(Theft.login, factors: [Factor]()) == nil)
        #expect(store.lookUp(Theft.login, factors: [.push, .sms]) != nil)
    }

    @Test("A second allow takes the place of the first")
    func replaced() throws {
        #expect(store.remember(.alice, for: .seconds(900), factor: .push).isRemembered)
        #expect(store.remember(.alice, for: .seconds(60), factor: .passcode).isRemembered)
        #expect(try store.count().get() == 1)
        #expect(store.lookUp(.alice)?.factor == .passcode)
        #expect(try store.list().get().first?.remaining == .seconds(60))
    }

    @Test("A remembered denial allows nothing, and takes the place of an allow (rule 6)")
    func denial() {
        #expect(store.remember(.alice).isRemembered)
        let result = store.rememberDenial(.alice, loginID: "1", why: "denied", lifetime: .seconds(60))
        #expect(result.isRemembered)
        #expect(store.lookUp(.alice) == nil)
        #expect(store.remember(.alice).isRemembered)
        #expect(store.lookUp(.alice) != nil)
    }

    @Test(
        "Deny and fraud kill what is remembered for the user and for the Duo user, and nothing else (rule 5)",
        arguments: [
            PushOutcome.denied, .fraud,
        ])
    func killers(outcome: PushOutcome) throws {
        let killed = [
            DecisionKey.alice, Theft.parent, Theft.login, Theft.sshKey, Theft.user,
            .other(1_001).with { $0.duoUser = "ALICE" }, .other(1_000).with { $0.duoUser = "admin" },
        ]
        let untouched = [DecisionKey.other(1_001), .other(0), .other(1_001).with { $0.duoUser = "alice2" }]
        for key in killed + untouched { #expect(store.remember(key).isRemembered) }
        let budget = PushBudget(memory)
        let charge = try #require(budget.charge(.alice).charge)
        budget.settle(charge, as: outcome)
        for key in killed { #expect(store.lookUp(key) == nil) }
        for key in untouched { #expect(store.lookUp(key) != nil) }
    }

    @Test("A denial ends no other denial that is remembered")
    func denialsStay() throws {
        _ = store.rememberDenial(.alice, loginID: "1", why: "denied", lifetime: .seconds(600))
        let budget = PushBudget(memory)
        let charge = try #require(budget.charge(.alice).charge)
        budget.settle(charge, as: .denied)
        #expect(budget.standing(.alice, key: .alice) == .rememberedDenial(remaining: .seconds(600)))
    }

    @Test("What is no denial kills nothing (rule 5)", arguments: [PushOutcome.approved, .timedOut, .abandoned])
    func spares(outcome: PushOutcome) throws {
        #expect(store.remember(.alice).isRemembered)
        let budget = PushBudget(memory)
        for _ in 0..<3 {
            guard let charge = budget.charge(.alice).charge else { break }
            budget.settle(charge, as: outcome)
        }
        #expect(store.lookUp(.alice) != nil)
    }

    @Test(
        "A login that began before a denial is not remembered after it; one that began later is (rule 5)",
        arguments: [
            PushOutcome.denied, .fraud,
        ])
    func inFlight(outcome: PushOutcome) throws {
        let begun = folder.clock.now
        folder.clock.advance(by: .seconds(5))
        let budget = PushBudget(memory)
        let charge = try #require(budget.charge(.alice).charge)
        budget.settle(charge, as: outcome)
        budget.passcodeSucceeded(.alice)
        #expect(store.remember(.alice, begun: begun) == .notRemembered(.deniedMeanwhile))
        #expect(store.remember(.other(1_001), begun: begun).isRemembered)
        folder.clock.advance(by: .seconds(1))
        #expect(store.remember(.alice, begun: folder.clock.now).isRemembered)
    }

    @Test(
        "What an administrator forgets is forgotten, and nothing else",
        arguments: [
            (DecisionFilter(user: "alice"), 1), (DecisionFilter(user: "user7"), 2),
            (DecisionFilter(service: "sshd"), 2), (DecisionFilter(scope: .user), 2), (DecisionFilter(id: 1), 2),
            (DecisionFilter(id: 1, user: "user7"), 3), (DecisionFilter(user: "user7", service: "sudo"), 3), (.all, 0),
        ])
    func forget(filter: DecisionFilter, left: Int) throws {
        #expect(store.remember(.alice).isRemembered)
        #expect(store.remember(Theft.user).isRemembered)
        #expect(store.remember(.other(7).with { $0.service = "sshd" }).isRemembered)
        #expect(try store.forget(filter).get() == 3 - left)
        #expect(try store.list().get().count == left)
        #expect(try store.count().get() == left)
    }

    @Test("The list shows what lives, as much as is asked for")
    func list() throws {
        #expect(store.remember(.alice, for: .seconds(10)).isRemembered)
        #expect(store.remember(Theft.user, uses: 4, factor: .phone).isRemembered)
        _ = store.rememberDenial(.other(7), loginID: "7", why: "denied", lifetime: .seconds(60))
        #expect(store.lookUp(Theft.user) != nil)
        #expect(try store.list().get().count == 3)
        folder.clock.advance(by: .seconds(10))
        let listed = try store.list().get()
        #expect(
            listed.first
                == RememberedDecision(
                    id: 2, verdict: .allow, uid: 1_000, user: "alice", duoUser: "alice", service: "sudo", scope: .user,
                    bound: "the user", factor: "phone", loginID: "0123456789abcdef", why: "approved", age: .seconds(10),
                    remaining: .seconds(590), used: 1, usesLeft: 3))
        #expect(listed.last?.verdict == .deny && listed.last?.factor == nil)
        #expect(try store.list(limit: 1).get().map(\.id) == [2])
        #expect(try store.list(limit: -1).get().isEmpty)
    }

    @Test("One person's decisions are so many at most, the oldest goes, and nobody else's does")
    func mostOfOne() {
        let store = DecisionStore(memory, mostOfOne: 3)
        func key(_ number: UInt8) -> DecisionKey { .alice.with { $0.ruleFingerprint = [number] } }
        #expect(store.remember(.other(1)).isRemembered)
        for number in 1...5 as ClosedRange<UInt8> { #expect(store.remember(key(number)).isRemembered) }
        for number in 1...2 as ClosedRange<UInt8> { #expect(store.lookUp(key(number)) == nil) }
        for number in 3...5 as ClosedRange<UInt8> { #expect(store.lookUp(key(number)) != nil) }
        #expect(store.lookUp(.other(1)) != nil)
    }

    @Test("All decisions are so many at most, and the one that would end first goes")
    func most() throws {
        let store = DecisionStore(memory, most: 3)
        for number in 1...4 as ClosedRange<UInt32> {
            #expect(store.remember(.other(number), for: .seconds(100 - Int64(number))).isRemembered)
        }
        #expect(store.lookUp(.other(3)) == nil)
        for number in [1, 2, 4] as [UInt32] { #expect(store.lookUp(.other(number)) != nil) }
        #expect(try store.count().get() == 3)
    }

    @Test("A key longer than any host's is not remembered, and long texts are cut")
    func long() throws {
        let key = DecisionKey.alice.with { $0.user = String(repeating: "a", count: 2_000) }
        #expect(store.remember(key) == .notRemembered(.keyTooLong))
        let why = String(repeating: "w", count: 5_000)
        let grant = Grant(factor: .push, loginID: "1", why: why, begun: .zero)
        #expect(store.remember(.alice, grant, lifetime: .seconds(60)).isRemembered)
        #expect(try store.list().get().first?.why == String(repeating: "w", count: 200))
    }

    @Test("Names are values, never SQL", arguments: ["'; DROP TABLE decisions; --", "a\0b", "?1", "\u{FFFF}", ""])
    func names(name: String) throws {
        let key = DecisionKey.alice.with { $0.user = name }
        #expect(store.remember(key).isRemembered)
        #expect(store.lookUp(key) != nil)
        #expect(try store.list(DecisionFilter(user: name)).get().map(\.user) == [name])
    }
}
