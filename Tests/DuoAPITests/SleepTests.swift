import Testing

@testable import DuoAPI

@Suite("Sleeping on the transport's thread", .timeLimit(.minutes(1)))
struct SleepTests {
    @Test("Everybody is woken, not before their time, and at once when they are cancelled")
    func woken() async throws {
        let transport = try Transport()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<600 {
                group.addTask {
                    let start = ContinuousClock.now
                    let isCancelled = number % 3 == 0
                    let time = isCancelled ? Duration.seconds(600) : .milliseconds(number % 97)
                    let sleeper = Task { try await transport.sleep(for: time) }
                    if number % 2 == 0 { await Task.yield() }
                    if isCancelled { sleeper.cancel() }
                    switch await sleeper.result {
                    case .success: #expect(!isCancelled && ContinuousClock.now - start >= time)
                    case .failure: #expect(isCancelled)
                    }
                }
            }
        }
        transport.shutdown()
    }

    @Test("A transport that is shut down wakes all, and lets nobody sleep any more")
    func shutDown() async throws {
        let transport = try Transport()
        let sleepers = (0..<50).map { number in Task { try await transport.sleep(for: .seconds(600 + number)) } }
        try await transport.sleep(for: .milliseconds(20))
        transport.shutdown()
        for sleeper in sleepers { try await sleeper.value }
        try await transport.sleep(for: .seconds(600))
    }
}
