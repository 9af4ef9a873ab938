import DuetLogin
import DuoAPI
import FoundationEssentials
import Testing

@testable import DuetDaemon

@Suite("Metrics")
struct MetricsTests {
    @Test("Labels and help are escaped as the format says")
    func escapes() {
        var page = MetricsText()
        page.add("m", .gauge, "a\\b\nc\"", [([("l", "x\"y\\z\n"), ("n", "1")], 0.5), ([], 2)])
        #expect(
            page.text == """
                # HELP m a\\\\b\\nc"
                # TYPE m gauge
                m{l="x\\"y\\\\z\\n",n="1"} 0.5
                m 2

                """)
    }

    @Test("A histogram counts a duration under every bound that it does not exceed")
    func histogram() {
        var histogram = Histogram()
        for milliseconds in [10, 50, 51, 400, 61_000] { histogram.add(.milliseconds(milliseconds)) }
        var page = MetricsText()
        page.add("h", "help", [([("e", "x")], histogram)])
        let lines = page.text.split(separator: "\n").map(String.init)
        #expect(lines.contains("h_bucket{e=\"x\",le=\"0.05\"} 2"))
        #expect(lines.contains("h_bucket{e=\"x\",le=\"0.1\"} 3"))
        #expect(lines.contains("h_bucket{e=\"x\",le=\"0.5\"} 4"))
        #expect(lines.contains("h_bucket{e=\"x\",le=\"60\"} 4"))
        #expect(lines.contains("h_bucket{e=\"x\",le=\"+Inf\"} 5"))
        #expect(lines.contains("h_count{e=\"x\"} 5"))
        #expect(lines.contains { $0.hasPrefix("h_sum{e=\"x\"} 61.5") })
    }

    @Test("So many services are counted by name; the others together")
    func services() {
        let metrics = Metrics()
        for number in 0..<100 {
            var record = AuditRecord.sample
            record.service = "service-\(number)"
            for _ in 0..<2 { metrics.count(record) }
        }
        let counts = metrics.counts.logins
        #expect(counts.count == Metrics.mostServices + 1)
        let other = Metrics.LoginKind(result: "deny", reason: "duo_deny", service: "other")
        #expect(counts[other] == 2 * (100 - Metrics.mostServices))
    }

    @Test("A refusal that came too late is no login, and fraud is fraud")
    func lateRefusals() {
        let metrics = Metrics()
        let request = LoginRequest(id: "1", user: "a", service: "sshd", address: nil, caller: 0, host: "h")
        for isFraud in [false, true, false] {
            metrics.count(AuditRecord(LateRefusal(request, isFraud: isFraud, elapsed: .zero), time: Date()))
        }
        #expect(metrics.counts.lateRefusals == [false: 2, true: 1] && metrics.counts.frauds == 1)
        #expect(metrics.counts.logins.isEmpty)
    }

    @Test("Every error of Duo's client has a word that a label may have")
    func words() {
        let errors: [DuoError] = [
            .unreachable(.dns), .unreachable(.connect(errno: 1)), .certificate(.expired), .unauthorized(code: nil),
            .rateLimited(retryAfter: nil), .malformed(what: "x"), .cancelled, .local(.signing),
        ]
        let metrics = Metrics()
        for error in errors {
            metrics.count(CallObservation(endpoint: "preauth", duration: .seconds(1), error: error))
        }
        #expect(metrics.counts.calls.count == errors.count)
        #expect(errors.allSatisfy { $0.word.wholeMatch(of: /[a-z_]+/) != nil })
    }
}

@Suite("The port for metrics")
struct MetricsRequestTests {
    static let cases: [(String, MetricsRequest)] = [
        ("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", .page), ("GET /metrics?x=1 HTTP/1.0\r\n\r\n", .page),
        ("HEAD /metrics HTTP/1.1\r\n\r\n", .head), ("", .incomplete), ("GET /metrics HTTP/1.1\r\n", .incomplete),
        ("GET / HTTP/1.1\r\n\r\n", .refused(status: "404 Not Found")),
        ("GET /metrics/ HTTP/1.1\r\n\r\n", .refused(status: "404 Not Found")),
        ("POST /metrics HTTP/1.1\r\n\r\n", .refused(status: "405 Method Not Allowed")),
        ("get /metrics HTTP/1.1\r\n\r\n", .refused(status: "405 Method Not Allowed")),
        ("GET /metrics\r\n\r\n", .refused(status: "400 Bad Request")),
        ("GET  /metrics HTTP/1.1\r\n\r\n", .refused(status: "400 Bad Request")),
        ("GET /metrics HTTP/2\r\n\r\n", .refused(status: "400 Bad Request")),
        ("\r\n\r\n", .refused(status: "400 Bad Request")), ("\u{0}\r\n\r\n", .refused(status: "400 Bad Request")),
        (
            "GET /metrics HTTP/1.1\r\nX: " + String(repeating: "x", count: 9_000),
            .refused(status: "431 Request Header Fields Too Large")
        ),
    ]

    @Test("A scraper is answered, and whatever else comes is refused", arguments: cases)
    func requests(_ request: String, _ expected: MetricsRequest) {
        #expect(MetricsRequest(Array(request.utf8)) == expected)
    }

    @Test("A response names its length; one to HEAD has no body")
    func responses() throws {
        let page = try #require(MetricsRequest.page.response { "duet 1\n" })
        #expect(
            String(decoding: page, as: UTF8.self).hasSuffix(
                "\r\nContent-Length: 7\r\nAllow: GET, HEAD\r\nConnection: close\r\n\r\nduet 1\n"))
        let head = try #require(MetricsRequest.head.response { "duet 1\n" })
        #expect(String(decoding: head, as: UTF8.self).hasSuffix("Connection: close\r\n\r\n"))
        #expect(MetricsRequest.incomplete.response { "" } == nil)
    }
}
