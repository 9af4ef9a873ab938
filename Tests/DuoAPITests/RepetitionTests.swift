import DuoSimulator
import Secrets
import Testing

@testable import DuoAPI

/// Which answers make a call go out again.
@Suite struct RepetitionTests {
    private let deadline = Duration.seconds(20)

    @Test("A gateway's error is answered with one more try after a short wait, for calls that may be repeated")
    func gateway() {
        for status in [502, 503, 504] {
            var repetition = Repetition(.repeatable)
            let error = DuoError.unreachable(.serverError(status: status))
            #expect(repetition.wait(after: error, random: 0) == .milliseconds(200))
            #expect(repetition.wait(after: error, random: 0) == nil)
            var once = Repetition(.once)
            #expect(once.wait(after: error, random: 0) == nil)
        }
    }

    @Test("Too many requests: Duo's back-off, six times, with up to a second on top")
    func backOff() {
        var repetition = Repetition(.repeatable)
        let waits = (0..<7).map { _ in repetition.wait(after: .rateLimited(retryAfter: nil), random: 0) }
        #expect(waits == [1, 2, 4, 8, 16, 32].map { .seconds($0) } + [nil])
        var random = Repetition(.repeatable)
        #expect(random.wait(after: .rateLimited(retryAfter: nil), random: 0.5) == .milliseconds(1_500))
    }

    @Test("A factor is never sent again, whatever came back", arguments: DuoErrorTests.all)
    func factor(error: DuoError) {
        var repetition = Repetition(.once)
        #expect(repetition.wait(after: error, random: 0) == nil)
    }

    @Test("Retry-After goes before the back-off, and is not waited for beyond 32 s nor for ever")
    func retryAfter() {
        var repetition = Repetition(.repeatable)
        #expect(repetition.wait(after: .rateLimited(retryAfter: .seconds(7)), random: 0) == .seconds(7))
        #expect(repetition.wait(after: .rateLimited(retryAfter: .seconds(33)), random: 0) == nil)
        for _ in 0..<4 { #expect(repetition.wait(after: .rateLimited(retryAfter: .zero), random: 0) == .zero) }
        #expect(repetition.wait(after: .rateLimited(retryAfter: .zero), random: 0) == nil)
    }

    @Test("Nothing else is ever repeated", arguments: DuoErrorTests.all)
    func nothingElse(error: DuoError) {
        if case .rateLimited = error { return }
        var repetition = Repetition(.repeatable)
        #expect(repetition.wait(after: error, random: 0) == nil)
    }

    @Test("Preauth gets over one 503, a factor does not", arguments: [502, 503, 504])
    func gatewayCalls(status: Int) async throws {
        try await withSimulator { simulator, api in
            await simulator.cloud.setFault(.status(status), path: "/auth/v2/preauth", times: 1)
            _ = try await api.preauth(.user("alice"), deadline: deadline)
            #expect(await simulator.cloud.count("preauth") == 2)
            await simulator.cloud.setFault(.status(status), path: "/auth/v2/auth", times: 1)
            let error = await failure { () async throws(DuoError) in
                try await api.startPush(.user("alice"), device: .auto, deadline: deadline)
            }
            #expect(error == .unreachable(.serverError(status: status)))
            #expect(await simulator.cloud.count("auth") == 1)
        }
    }

    @Test("Neither gets over a 500")
    func internalError() async throws {
        try await withSimulator { simulator, api in
            await simulator.cloud.setFault(.status(500), path: "/auth/v2/preauth", times: 1)
            let error = await failure { () async throws(DuoError) in
                try await api.preauth(.user("alice"), deadline: deadline)
            }
            #expect(error == .unreachable(.serverError(status: 500)))
            #expect(await simulator.cloud.count("preauth") == 1)
        }
    }

    @Test("A factor that Duo refused with 429 is not sent again")
    func limitedFactor() async throws {
        try await withSimulator { simulator, api in
            await simulator.cloud.setFault(.status(429), path: "/auth/v2/auth", times: 1)
            let error = await failure { () async throws(DuoError) in
                try await api.passcode(.user("alice"), passcode: Secret("100001"), deadline: deadline)
            }
            #expect(error == .rateLimited(retryAfter: nil))
            #expect(await simulator.cloud.count("auth") == 1)
        }
    }

    @Test("After a 429 silence is no outage: the fail mode must not follow from a wait that Duo asked for")
    func limitedThenSilent() async throws {
        try await withSimulator { simulator, api in
            await simulator.cloud.setFault(.status(429), path: "/auth/v2/preauth", times: 1)
            await simulator.cloud.setFault(.delay(.seconds(30)), path: "/auth/v2/preauth", times: 9)
            let error = await failure { () async throws(DuoError) in
                try await api.preauth(.user("alice"), deadline: .seconds(5))
            }
            #expect(error == .rateLimited(retryAfter: nil))
        }
    }

    @Test("A wait ends with its task")
    func cancelled() async throws {
        try await withSimulator { simulator, api in
            await simulator.cloud.setFault(.status(429), path: "/auth/v2/preauth", times: 99)
            let task = Task { () async -> DuoError? in
                await failure { () async throws(DuoError) in
                    try await api.preauth(.user("alice"), deadline: .seconds(100))
                }
            }
            let asked = try await simulator.cloud.reaches { $0.count("preauth") > 0 }
            #expect(asked)
            task.cancel()
            #expect(await task.value == .cancelled)
        }
    }

    @Test("A host that is ten minutes off logs in once a ping has told it Duo's time", arguments: [600, -600])
    func skew(seconds: Int) async throws {
        try await withSimulator { simulator, api in
            await simulator.cloud.setSkew(seconds: seconds)
            let refused = await failure { () async throws(DuoError) in
                try await api.preauth(.user("alice"), deadline: deadline)
            }
            #expect(refused == .unauthorized(code: UnauthorizedCode.badTimestamp))
            _ = try await api.ping(deadline: deadline)
            #expect(abs(api.clock.offset - Int64(seconds)) <= 5)
            _ = try await api.preauth(.user("alice"), deadline: deadline)
            let result = try await api.passcode(.user("alice"), passcode: Secret("100001"), deadline: deadline)
            #expect(result.withoutMessage == .allow(.allow, message: ""))
        }
    }
}
