import Testing

@testable import DuetMemory

@Suite struct QueryPlanTests {
    private let folder: TestFolder
    private let memory: Memory

    init() throws {
        folder = try TestFolder()
        memory = folder.memory()
    }

    @Test("What a login asks is answered from an index", arguments: Query.allCases)
    func plan(query: Query) throws {
        let plan = try memory.attempt { database, _ in
            try database.rows(sql: "EXPLAIN QUERY PLAN \(query.rawValue)") { try $0.text(3) }
        }.get()
        // "SCAN … USING INDEX" walks a whole index: right only in order, and ended by a limit.
        let ordered: Set<Query> = [.deleteSoonest]
        #expect(ordered.contains(query) || !plan.contains { $0.hasPrefix("SCAN") }, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE FOR ORDER") || $0.contains("AUTOMATIC") }, "\(plan)")
        if ordered.contains(query) { #expect(plan.contains { $0.contains("decisions_by_expiry") }, "\(plan)") }
    }

    @Test("Among 100,000 decisions one is found as fast as among ten")
    func fast() throws {
        let store = DecisionStore(memory)
        for number in 1...10 as ClosedRange<UInt32> { #expect(store.remember(.other(number)).isRemembered) }
        let few = try median(store)
        try memory.attempt { database, now in
            try database.execute(
                """
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
                INSERT INTO decisions
                    (key, verdict, uid, user, duo_user, service, scope, bound, factor, login, why, granted, expires, used)
                SELECT randomblob(180), 1, 10000 + i, 'u' || i, 'u' || i, 'sudo', 'tty', '', 'push', '', '', \(now),
                    \(now) + 600000 + i, 0
                FROM n
                """)
        }.get()
        #expect(try store.count().get() == 100_010)
        let many = try median(store)
        // Measured: about the same. A walk through all of them takes a thousand times as long.
        #expect(many < few * 10 + .milliseconds(1), "\(few) among ten, \(many) among 100,000")
    }

    /// Of a look-up that finds, one that does not, and one that remembers.
    private func median(_ store: DecisionStore) throws -> Duration {
        var times: [Duration] = []
        for number in 0..<300 as Range<UInt32> {
            let key = DecisionKey.other(1 + number % 10)
            times.append(
                try ContinuousClock().measure {
                    _ = try #require(store.lookUp(key))
                    _ = store.lookUp(.alice)
                    _ = store.remember(key)
                })
        }
        return times.sorted()[times.count / 2]
    }
}
