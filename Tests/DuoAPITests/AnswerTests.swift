import Testing

@testable import DuoAPI

@Suite struct AnswerTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let answer: String
        let error: DuoError

        init(_ description: String, _ answer: String, _ error: DuoError) {
            testDescription = description
            self.answer = answer
            self.error = error
        }
    }

    private static let envelope = DuoError.malformed(what: "not Duo's JSON envelope")

    private static let encoded = DuoError.malformed(what: "encoded in a way that was not asked for")

    @Test(
        "Every answer that is not a success has its own error",
        arguments: [
            Row("401", .answer(401, body: #"{"stat":"FAIL","code":40103,"message":"m"}"#), .unauthorized(code: 40103)),
            Row("401 without body", .answer(401), .unauthorized(code: nil)),
            Row("403", .answer(403, body: #"{"stat":"FAIL","code":40301,"message":"m"}"#), .forbidden(code: 40301)),
            Row("429", .answer(429), .rateLimited(retryAfter: nil)),
            Row("429 in seconds", .answer(429, ["Retry-After: 7"]), .rateLimited(retryAfter: .seconds(7))),
            Row("429 X-", .answer(429, ["x-retry-after: 3"]), .rateLimited(retryAfter: .seconds(3))),
            Row(
                "429 with a date", .answer(429, ["Retry-After: Tue, 14 Nov 2023 22:13:50 GMT"]),
                .rateLimited(retryAfter: .seconds(30))),
            Row(
                "429 absurd", .answer(429, ["Retry-After: 9223372036854775807"]),
                .rateLimited(retryAfter: .seconds(86_400))),
            Row("429 nonsense", .answer(429, ["Retry-After: soon"]), .rateLimited(retryAfter: nil)),
            Row(
                "400",
                .answer(400, body: #"{"stat":"FAIL","code":40002,"message":"Bad","message_detail":"user\u001bname"}"#),
                .rejected(status: 400, code: 40002, message: "Bad", detail: "username")),
            Row(
                "code is a text", .answer(400, body: #"{"stat":"FAIL","code":"","message":"Bad"}"#),
                .rejected(status: 400, code: nil, message: "Bad", detail: nil)),
            Row(
                "no code", .answer(400, body: #"{"stat":"FAIL","message":"Bad"}"#),
                .rejected(status: 400, code: nil, message: "Bad", detail: nil)),
            Row(
                "redirect", .answer(302, ["Location: https://localhost/"]),
                .rejected(status: 302, code: nil, message: "no reason given", detail: nil)),
            Row("500", .answer(500), .unreachable(.serverError(status: 500))),
            Row("503", .answer(503, body: "<html>"), .unreachable(.serverError(status: 503))),
            Row(
                "FAIL with 200", .ok(#"{"stat":"FAIL","code":1000,"message":"m"}"#),
                .rejected(status: 200, code: 1000, message: "m", detail: nil)),
            Row("no JSON", .ok("<html>hotel wifi</html>"), envelope),
            Row("no body", .ok(""), envelope),
            Row("no stat", .ok(#"{"response":{"time":1}}"#), envelope),
            Row("too deep", .ok(String(repeating: "[", count: 100_000)), .malformed(what: "JSON beyond all limits")),
            Row(
                "too deep, and a 500", .answer(500, body: String(repeating: "{\"a\":", count: 50_000)),
                .unreachable(.serverError(status: 500))),
            Row("compressed", .answer(200, ["Content-Encoding: gzip"], body: "{}"), encoded),
            Row(
                "compressed, and a 500", .answer(500, ["Content-Encoding: br"], body: "{}"),
                .unreachable(.serverError(status: 500))),
            Row("UTF-16", .ok("{\u{0}}\u{0}"), .malformed(what: "JSON beyond all limits")),
            Row(
                "redirect without end", .answer(301, ["Location: /auth/v2/ping"]),
                .rejected(status: 301, code: nil, message: "no reason given", detail: nil)),
            Row(
                "chunks without end",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + String(repeating: "1000\r\n" + String(repeating: " ", count: 4096) + "\r\n", count: 300),
                .tooLarge),
            Row("interim answers without end", String(repeating: "HTTP/1.1 102 Wait\r\n\r\n", count: 5000), .tooLarge),
            Row("204", .answer(204), .malformed(what: "an unexpected HTTP status")),
            Row(
                "no response", .ok(#"{"stat":"OK"}"#),
                .malformed(what: "the response lacks a field or has one of the wrong type")),
            Row(
                "time is a text", .ok(#"{"stat":"OK","response":{"time":"now"}}"#),
                .malformed(what: "the response lacks a field or has one of the wrong type")),
            Row(
                "time before all clocks", .ok(#"{"stat":"OK","response":{"time":-9223372036854775808}}"#),
                .malformed(what: "the time is not one")),
            Row(
                "time after all clocks", .ok(#"{"stat":"OK","response":{"time":9223372036854775807}}"#),
                .malformed(what: "the time is not one")),
            Row("not HTTP", "\u{0}\u{1}garbage that is no HTTP at all\n", .malformed(what: "not HTTP/1.1")),
            Row("nothing", "", .unreachable(.connectionLost)),
            Row("truncated head", "HTTP/1.1 200 OK\r\nContent-", .unreachable(.connectionLost)),
            Row("truncated body", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", .unreachable(.connectionLost)),
            Row("oversized, announced", .ok(String(repeating: " ", count: (1 << 20) + 1)), .tooLarge),
            Row(
                "oversized, unannounced", "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: " ", count: (1 << 20) + 1),
                .tooLarge),
            Row(
                "oversized head",
                "HTTP/1.1 200 OK\r\n" + String(repeating: "X: \(String(repeating: "x", count: 1000))\r\n", count: 80),
                .tooLarge),
        ])
    func error(row: Row) async throws {
        let server = try await CannedServer(answer: row.answer)
        let api = AuthAPI(host: server.host, try server.transport())
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(12)) }
        #expect(error == row.error)
    }

    @Test(
        "An answer in chunks, or one that ends with the connection, is an answer",
        arguments: [
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{\"stat\":\"OK\",\"re\r\n19\r\nsponse\":{\"time\":1700000}}\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"stat\":\"OK\",\"response\":{\"time\":1700000}}",
            "HTTP/1.0 200 OK\r\n\r\n{\"stat\":\"OK\",\"response\":{\"time\":1700000}}",
            "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\n\r\n{\"stat\":\"OK\",\"response\":{\"time\":1700000}}",
        ])
    func framing(answer: String) async throws {
        let server = try await CannedServer(answer: answer)
        let api = AuthAPI(host: server.host, try server.transport())
        #expect(try await api.ping(deadline: .seconds(20)).time == 1_700_000)
    }

    @Test("Too many requests: a wait that does not fit the deadline is not begun")
    func limited() async throws {
        let server = try await CannedServer(answer: .answer(429, ["Retry-After: 30"]))
        let api = AuthAPI(host: server.host, try server.transport())
        let start = ContinuousClock.now
        let error = await failure { () async throws(DuoError) in try await api.ping(deadline: .seconds(29)) }
        #expect(error == .rateLimited(retryAfter: .seconds(30)))
        #expect(start.duration(to: .now) < .seconds(20))
    }
}
