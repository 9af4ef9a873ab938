/// The simulated Duo: users, transactions, the record of requests, and what is to go wrong.
///
/// Expiry and automatic answers are applied by `settle()` at the start of every call, and holders wake up when one is
/// due; so nothing runs while nobody looks.
package actor Cloud {
    static let maximumTransactions = 10_000

    private let initialDirectory: UserDirectory
    let verifier: RequestVerifier
    let pushTimeout: Duration
    let statusPolls: StatusPolls
    let timeline: Timeline
    let wallClock: @Sendable () -> Int
    let ledger: ConnectionLedger
    private let initialAuto: (answer: PhoneAnswer, after: Duration)?

    /// Grows with every enrolment.
    var directory: UserDirectory
    /// By user id.
    var enrollments: [String: Enrollment] = [:]
    /// What the Admin API knows besides.
    var tenant = Tenant()
    var children: [ChildAccount] = []
    var skew = 0
    var auto: (answer: PhoneAnswer, after: Duration)?
    var accounts: [String: Account] = [:]
    var log = RequestLog()
    var faults = FaultPlan()
    var byID: [String: Transaction] = [:]
    /// Ids in order of their start: of all transactions, and of the unanswered ones.
    var order: [String] = []
    var pending: [String] = []
    /// When the first of the pending ones is due to be answered by itself or to expire.
    var nextDue: Duration?
    /// Host and port as clients should use them, for portal URLs.
    var apiHost = "localhost"

    private struct Waiter {
        /// A transaction's id; nil: any change.
        var topic: String?
        var continuation: CheckedContinuation<Void, Never>
    }
    private var changes = 0
    private var waiters: [Int: Waiter] = [:]
    private var waitersByTopic: [String?: Set<Int>] = [:]
    private var waiterCount = 0

    package init(
        directory: UserDirectory, verifier: RequestVerifier, pushTimeout: Duration,
        statusPolls: StatusPolls = .everyStep, timeline: Timeline,
        wallClock: @escaping @Sendable () -> Int, ledger: ConnectionLedger = ConnectionLedger(),
        auto: (answer: PhoneAnswer, after: Duration)? = nil
    ) {
        initialDirectory = directory
        self.directory = directory
        self.verifier = verifier
        self.pushTimeout = pushTimeout
        self.statusPolls = statusPolls
        self.timeline = timeline
        self.wallClock = wallClock
        self.ledger = ledger
        initialAuto = auto
        self.auto = auto
    }

    /// The server's clock in Unix seconds, as far off as `setSkew` says.
    var now: Int { wallClock() + skew }

    func setAPIHost(_ host: String) { apiHost = host }

    package func reset() {
        skew = 0
        auto = initialAuto
        directory = initialDirectory
        enrollments = [:]
        accounts = [:]
        tenant = Tenant()
        children = []
        log.removeAll()
        faults.removeAll()
        let dropped = pending
        byID = [:]
        order = []
        pending = []
        nextDue = nil
        ledger.resetCounts()
        for txid in dropped { noteChange(txid) }
    }

    // MARK: Change and waiting for it

    /// Wakes those who wait for this transaction and those who wait for anything.
    func noteChange(_ txid: String) {
        changes += 1
        for topic in [txid, nil] {
            for number in waitersByTopic[topic] ?? [] { wake(number) }
        }
    }

    /// Repeats `attempt` at every change and whenever something is due, until it has a result.
    /// - Parameters:
    ///   - topic: a transaction's id; nil: any.
    ///   - deadline: on the timeline; reaching it gives nil.
    func wait<Result: Sendable>(
        on topic: String?, until deadline: Duration? = nil, for attempt: (isolated Cloud) -> Result?
    ) async throws -> Result? {
        while true {
            try Task.checkCancellation()
            settle()
            if let result = attempt(self) { return result }
            let now = timeline.now()
            if let deadline, deadline <= now { return nil }
            let due = [deadline, nextDue].compactMap { $0 }.min()
            await pause(on: topic, since: changes, until: due)
        }
    }

    private func pause(on topic: String?, since seen: Int, until due: Duration?) async {
        guard let due else { return await nextChange(topic, since: seen) }
        let sleepUntil = timeline.sleepUntil
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.nextChange(topic, since: seen) }
            group.addTask { try? await sleepUntil(due) }
            await group.next()
            group.cancelAll()
        }
    }

    private func nextChange(_ topic: String?, since seen: Int) async {
        waiterCount += 1
        let number = waiterCount
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if changes > seen || Task.isCancelled {
                    continuation.resume()
                } else {
                    waiters[number] = Waiter(topic: topic, continuation: continuation)
                    waitersByTopic[topic, default: []].insert(number)
                }
            }
        } onCancel: {
            Task { await self.wake(number) }
        }
    }

    private func wake(_ number: Int) {
        guard let waiter = waiters.removeValue(forKey: number) else { return }
        waitersByTopic[waiter.topic]?.remove(number)
        if waitersByTopic[waiter.topic]?.isEmpty == true { waitersByTopic[waiter.topic] = nil }
        waiter.continuation.resume()
    }
}
