extension Cloud {
    /// One request from first check to answer. Cancelled when the client hangs up.
    package func respond(to request: APIRequest) async -> APIResponse {
        let start = timeline.now()
        let number = log.append(
            RequestRecord(
                connection: request.connection, method: request.method, path: request.path, parameters: [:],
                status: nil, code: nil, reads: request.reads, durationMS: nil))
        do {
            let response = try await handle(request, number)
            complete(number, response, since: start)
            return response
        } catch let failure as APIFailure {
            let response = APIResponse.failure(failure)
            log.update(number) { $0.code = failure.code }
            complete(number, response, since: start)
            return response
        } catch {
            // Cancelled: nobody is there to read an answer.
            return .drop
        }
    }

    private func handle(_ request: APIRequest, _ number: Int) async throws -> APIResponse {
        let target = try Target(request)
        let fault = faults.take(request.path)
        switch fault {
        case .status(let status, let code): throw Self.failure(status: status, code: code)
        case .garbage: return .garbage
        case .body(let body): return .answer(status: 200, body: Array(body.utf8))
        case .dropBeforeAnswer, .delay, nil: break
        }
        let outcome = Result { () throws(APIFailure) in try self.outcome(of: target, request, number) }
        if fault == .dropBeforeAnswer { return .drop }
        if case .delay(let time) = fault { try await timeline.sleepUntil(timeline.now() + time) }
        switch try outcome.get() {
        case .answer(let response): return .ok(response)
        case .page(let items, let metadata): return .ok(items, metadata: metadata)
        case .image(let image): return .image(image)
        case .hold(let txid, let step):
            guard let step = try await hold(txid, step) else { throw APIFailure.invalid("txid") }
            return .ok(step.json)
        }
    }

    /// Who answers.
    private enum Target {
        case login(Endpoint)
        case administration(AdminOperation, ids: [String])

        init(_ request: APIRequest) throws(APIFailure) {
            if let (operation, ids) = try AdminOperation.find(method: request.method, path: request.path) {
                self = .administration(operation, ids: ids)
            } else {
                self = .login(try Endpoint.find(method: request.method, path: request.path))
            }
        }
    }

    /// Checks the request and does all it does, without a pause.
    private func outcome(
        of target: Target, _ request: APIRequest, _ number: Int
    ) throws(APIFailure) -> Endpoint.Outcome {
        settle()
        switch target {
        case .login(let endpoint): return try outcome(of: endpoint, request, number)
        case .administration(let operation, let ids):
            let (parameters, kind) = try verifier.parameters(of: request, now: now, for: operation.kinds)
            log.update(number) { $0.parameters = Self.redacted(parameters) }
            return try administer(operation, ids: ids, parameters, by: kind, host: request.values("host").first ?? "")
        }
    }

    private func outcome(
        of endpoint: Endpoint, _ request: APIRequest, _ number: Int
    ) throws(APIFailure) -> Endpoint.Outcome {
        guard endpoint.isSigned else { return try answer(endpoint, Parameters()) }
        let parameters = try verifier.parameters(of: request, now: now)
        log.update(number) { $0.parameters = Self.redacted(parameters) }
        try endpoint.rules.check(parameters)
        return try answer(endpoint, parameters)
    }

    /// The closed table of what each endpoint does.
    private func answer(_ endpoint: Endpoint, _ parameters: Parameters) throws(APIFailure) -> Endpoint.Outcome {
        switch endpoint {
        case .ping, .check: .answer(["time": .int(now)])
        case .logo: try logo()
        case .enroll: .answer(try enroll(parameters))
        case .enrollStatus: .answer(enrollStatus(parameters))
        case .preauth: .answer(try preauth(parameters))
        case .auth: try auth(parameters)
        case .authStatus: try authStatus(parameters)
        }
    }

    private func complete(_ number: Int, _ response: APIResponse, since start: Duration) {
        let taken = (timeline.now() - start) / .milliseconds(1)
        log.update(number) {
            $0.durationMS = Int(taken)
            switch response {
            case .answer(let status, _): $0.status = status
            case .image: $0.status = 200
            case .garbage, .drop: break
            }
        }
    }

    /// Longest value that is kept in the record of requests, in characters.
    private static let longestRecorded = 4096

    private static let secrets: Set = ["passcode", "trusted_device_token", "codes"]

    private static func redacted(_ parameters: Parameters) -> [String: String] {
        let pairs = parameters.pairs.map { pair in
            (pair.name, secrets.contains(pair.name) ? "<redacted>" : String(pair.value.prefix(longestRecorded)))
        }
        return Dictionary(pairs) { $1 }
    }

    private static func failure(status: Int, code: Int?) -> APIFailure {
        let usual = [400: 40002, 401: 40103, 403: 40301, 404: 40401, 405: 40501, 429: 42901, 500: 50000]
        return .known(code: code ?? usual[status] ?? status * 100)
    }
}
