import Secrets
import Testing

@testable import DuoAPI

@Suite("Calls that wait for their turn")
struct CallQueueTests {
    private func call(end: ContinuousClock.Instant) throws -> Call {
        let host = try #require(APIHost("api-00000000.duosecurity.com"))
        return Call(
            Request(
                method: .get, host: host, path: "/auth/v2/ping", parameters: Secret(""), delivery: .repeatable,
                deadline: .seconds(5)), end: end)
    }

    @Test("Who has waited for longer than what is left of their time had to wait: silence says nothing about Duo then")
    func longWait() throws {
        let start = ContinuousClock.now
        var queue = CallQueue()
        let calls = try (0..<3).map { _ in try call(end: start + .seconds(5)) }
        queue.add(calls, now: start)
        #expect(queue.take(1, now: start + .milliseconds(2_400)).map(\.hadToQueue) == [false])
        #expect(queue.take(1, now: start + .milliseconds(2_600)).map(\.hadToQueue) == [true])
        #expect(queue.take(1, now: start + .seconds(6)).map(\.hadToQueue) == [true])
        #expect(queue.isEmpty)
    }
}
