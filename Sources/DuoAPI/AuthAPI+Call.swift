import Secrets

extension AuthAPI {
    /// Signs, sends, and sorts what is not a success into `DuoError`. Repeats what may be repeated (`Repetition`), all
    /// within `deadline`.
    func call(
        _ method: Request.Method, _ endpoint: String, _ parameters: Parameters, deadline: Duration,
        signed: Bool = true, delivery: Request.Delivery = .repeatable, inspectsTLS: Bool = false
    ) async throws(DuoError) -> Envelope {
        let end = ContinuousClock.now + min(deadline, Request.longestDeadline)
        var repetition = Repetition(delivery)
        var remaining = deadline
        var limited: DuoError?
        while true {
            do throws(DuoError) {
                let request = try request(
                    method, endpoint, parameters, deadline: remaining, signed: signed, delivery: delivery,
                    inspectsTLS: inspectsTLS)
                return try envelope(await transport.send(request))
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

    private func request(
        _ method: Request.Method, _ endpoint: String, _ parameters: Parameters, deadline: Duration, signed: Bool,
        delivery: Request.Delivery, inspectsTLS: Bool
    ) throws(DuoError) -> Request {
        let path = "/auth/v2/\(endpoint)"
        let encoded = parameters.encoded
        var headers: [(name: String, value: String)] = []
        if signed {
            let date = HTTPDate.string(unixTime: clock.now)
            let signature = Signature(
                date: date, method: method.rawValue, host: host.name, path: path, parameters: encoded)
            guard let authorization = signature.authorization(credentials) else { throw .local(.signing) }
            headers = [("X-Duo-Date", date), ("Authorization", authorization)]
        }
        return Request(
            method: method, host: host, path: path, parameters: encoded, headers: headers, delivery: delivery,
            deadline: deadline, inspectsTLS: inspectsTLS)
    }

    /// No body reaches the decoder that exceeds `JSONLimits`; where the status alone says what happened, it still does.
    private func envelope(_ response: Response) throws(DuoError) -> Envelope {
        var response = response
        if !JSONLimits.hold(for: response.body) {
            guard response.status != 200 else { throw .malformed(what: "JSON beyond all limits") }
            response.body = []
        }
        return try Envelope(response, now: clock.now)
    }
}
