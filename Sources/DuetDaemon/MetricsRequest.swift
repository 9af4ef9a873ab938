/// What a scraper asks, as far as it matters: the request line of HTTP/1.1 (RFC 9112), within strict limits.
enum MetricsRequest: Equatable {
    case incomplete
    case page
    /// HEAD: the header of the page.
    case head
    case refused(status: String)

    /// Bytes of a request at most; Prometheus needs some hundred.
    static let sizeCap = 8_192
    private static let path = "/metrics"

    init(_ bytes: [UInt8]) {
        guard bytes.count <= Self.sizeCap else {
            self = .refused(status: "431 Request Header Fields Too Large")
            return
        }
        guard bytes.firstRange(of: Array("\r\n\r\n".utf8)) != nil else {
            self = .incomplete
            return
        }
        let line = bytes.prefix { $0 != 0x0D }
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard parts.count == 3, parts[2] == "HTTP/1.1" || parts[2] == "HTTP/1.0" else {
            self = .refused(status: "400 Bad Request")
            return
        }
        let target = parts[1].prefix { $0 != "?" }
        switch (parts[0], String(target)) {
        case ("GET", Self.path): self = .page
        case ("HEAD", Self.path): self = .head
        case ("GET", _), ("HEAD", _): self = .refused(status: "404 Not Found")
        default: self = .refused(status: "405 Method Not Allowed")
        }
    }

    /// What it is answered with; nil while it is incomplete.
    func response(_ page: () -> String) -> [UInt8]? {
        switch self {
        case .incomplete: nil
        case .page: Self.response("200 OK", page())
        case .head: Self.response("200 OK", page(), withBody: false)
        case .refused(let status): Self.response(status, "Metrics are at \(Self.path).\n")
        }
    }

    private static func response(_ status: String, _ body: String, withBody: Bool = true) -> [UInt8] {
        let head = [
            "HTTP/1.1 \(status)", "Content-Type: \(MetricsText.contentType)", "Content-Length: \(body.utf8.count)",
            "Allow: GET, HEAD", "Connection: close", "", "",
        ]
        return Array((head.joined(separator: "\r\n") + (withBody ? body : "")).utf8)
    }
}
