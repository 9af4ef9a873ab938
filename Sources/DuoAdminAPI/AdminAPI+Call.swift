import DuoAPI

extension AdminAPI {
    /// What came back: `response`, and what stands beside it.
    package struct Answer: Decodable, Sendable {
        package let response: JSONValue
        package let metadata: JSONValue?

        /// Where the next page begins; nil: there is none.
        var nextOffset: Int64? { (metadata ?? response["metadata"])?["next_offset"]?.integer }
        var total: Int64? { (metadata ?? response["metadata"])?["total_objects"]?.integer }
    }

    package func send(_ call: APICall) async throws(AdminError) -> Answer {
        try await envelope(call, Answer.self) { (envelope) throws(DuoError) in try envelope.decodeWhole(Answer.self) }
    }

    /// Sends the call, and again as far as that is permitted: what only asks as `Repetition` says, a write after a 429
    /// alone, which says that nothing was done.
    func envelope<Result: Sendable>(
        _ call: APICall, _: Result.Type, _ decode: (Envelope) throws(DuoError) -> Result
    ) async throws(AdminError) -> Result {
        let call = try call.checked()
        let end = ContinuousClock.now + Self.deadline
        var repetition = Repetition(.repeatable)
        while true {
            let error: DuoError
            do throws(DuoError) {
                let left = min(Self.attemptDeadline, ContinuousClock.now.duration(to: end))
                let request = try application.request(
                    call.method, call.path, parameters(call), deadline: left,
                    delivery: call.isWrite ? .once : .repeatable)
                let response = try await application.transport.send(request)
                return try decode(application.envelope(response, mostValues: Self.mostValues))
            } catch let failure {
                error = failure
            }
            guard !call.isWrite || error.isRateLimited,
                let wait = repetition.wait(after: error, random: .random(in: 0..<1)), ContinuousClock.now + wait < end
            else { throw call.isWrite && error.leavesOutcomeUnknown ? .outcomeUnknown(error) : .duo(error) }
            do { try await Task.sleep(for: wait) } catch { throw .duo(.cancelled) }
        }
    }
}

extension DuoError {
    fileprivate var isRateLimited: Bool {
        if case .rateLimited = self { true } else { false }
    }
}
