import Secrets

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
                try envelope(await transport.send(request))
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
        let path = "/auth/v2/\(endpoint)"
        let (query, body, format) = parts(method, parameters)
        var headers: [(name: String, value: String)] = []
        if signed {
            let date = HTTPDate.string(unixTime: clock.now)
            headers.append(("X-Duo-Date", date))
            let signature = Signature(
                version: signatureVersion, date: date, method: method.rawValue, host: host.name, path: path,
                parameters: query, body: body, headers: headers)
            guard let authorization = signature.authorization(credentials) else { throw .local(.signing) }
            headers.append(("Authorization", authorization))
        }
        return Request(
            method: method, host: host, path: path, parameters: method == .get ? query : body, bodyFormat: format,
            accepts: accepts, headers: headers, delivery: delivery, deadline: deadline, inspectsTLS: inspectsTLS)
    }

    /// No body reaches the decoder that exceeds `JSONLimits`; where the status alone says what happened, it still does.
    func envelope(_ response: Response) throws(DuoError) -> Envelope {
        var response = response
        if !JSONLimits.hold(for: response.body) {
            guard response.status != 200 else { throw .malformed(what: "JSON beyond all limits") }
            response.body = []
        }
        return try Envelope(response, now: clock.now)
    }

    /// Where the parameters go: what is signed as parameters, and what is the body of a POST.
    private func parts(
        _ method: Request.Method, _ parameters: Parameters
    ) -> (query: Secret, body: Secret, format: Request.BodyFormat) {
        switch (method, signatureVersion) {
        case (.get, _): return (parameters.encoded, Secret(""), .form)
        case (.post, .v2):
            let form = parameters.encoded
            return (form, form, .form)
        case (.post, .v5): return (Secret(""), parameters.json, .json)
        }
    }
}
