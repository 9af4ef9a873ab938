extension AuthAPI {
    /// One call whose answer is JSON. What is not a success becomes a `DuoError`.
    func call(
        _ method: Request.Method, _ endpoint: String, _ parameters: Parameters, deadline: Duration,
        signed: Bool = true, delivery: Request.Delivery = .repeatable, inspectsTLS: Bool = false
    ) async throws(DuoError) -> Envelope {
        try await exchange(deadline: deadline, delivery: delivery) { (remaining) async throws(DuoError) in
            let request = try request(
                method, endpoint, parameters, deadline: remaining, signed: signed, delivery: delivery,
                inspectsTLS: inspectsTLS)
            return try await observed(endpoint) { () async throws(DuoError) in
                try application.envelope(await transport.send(request))
            }
        }
    }

    private func observed(
        _ endpoint: String, _ attempt: () async throws(DuoError) -> Envelope
    ) async throws(DuoError) -> Envelope {
        let start = ContinuousClock.now
        func tell(_ error: DuoError?) {
            observe(CallObservation(endpoint: endpoint, duration: start.duration(to: .now), error: error))
        }
        do throws(DuoError) {
            let answer = try await attempt()
            tell(nil)
            return answer
        } catch {
            tell(error)
            throw error
        }
    }

    /// Repeats `attempt` as far as that is permitted (`Repetition`), all within `deadline`.
    func exchange<Answer>(
        deadline: Duration, delivery: Request.Delivery = .repeatable,
        _ attempt: (_ remaining: Duration) async throws(DuoError) -> Answer
    ) async throws(DuoError) -> Answer {
        let end = ContinuousClock.now + min(deadline, Request.longestDeadline)
        var repetition = Repetition(delivery)
        var remaining = deadline
        var limited: DuoError?
        while true {
            do throws(DuoError) {
                return try await attempt(remaining)
            } catch {
                if case .rateLimited = error { limited = error }
                // Duo was there: what is left of the deadline after a wait that Duo asked for must not look like an
                // outage, which a fail mode may follow.
                if let limited, error.isUnreachable { throw limited }
                let wait = repetition.wait(after: error, random: .random(in: 0..<1))
                guard let wait, ContinuousClock.now + wait < end else { throw error }
                do { try await Task.sleep(for: wait) } catch { throw .cancelled }
                remaining = ContinuousClock.now.duration(to: end)
                guard remaining > .zero else { throw error }
            }
        }
    }

    /// A request, signed now: a repetition is signed again.
    func request(
        _ method: Request.Method, _ endpoint: String, _ parameters: Parameters, deadline: Duration,
        signed: Bool = true, delivery: Request.Delivery = .repeatable, accepts: String = "application/json",
        inspectsTLS: Bool = false
    ) throws(DuoError) -> Request {
        try application.request(
            method, "/auth/v2/\(endpoint)", parameters, deadline: deadline, signed: signed, delivery: delivery,
            accepts: accepts, inspectsTLS: inspectsTLS)
    }
}
