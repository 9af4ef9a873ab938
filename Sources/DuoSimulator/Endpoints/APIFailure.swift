/// A refusal with one of Duo's documented codes. The HTTP status is the code's first three digits.
package struct APIFailure: Error, Sendable, Equatable {
    package var code: Int
    package var message: String
    package var detail: String?

    package init(code: Int, message: String, detail: String? = nil) {
        self.code = code
        self.message = message
        self.detail = detail
    }

    package var status: Int { code / 100 }

    var body: JSON {
        var body: [String: JSON] = ["stat": "FAIL", "code": .int(code), "message": .string(message)]
        body["message_detail"] = detail.map(JSON.string)
        return .object(body)
    }

    static func missing(_ name: String) -> APIFailure {
        .init(code: 40001, message: "Missing required request parameters", detail: name)
    }
    static func invalid(_ detail: String) -> APIFailure {
        .init(code: 40002, message: "Invalid request parameters", detail: detail)
    }
    static let noLogo = APIFailure(code: 40002, message: "Logo not found")
    static let missingCredentials = APIFailure(code: 40101, message: "Missing request credentials")
    static let badIntegrationKey = APIFailure(code: 40102, message: "Invalid integration key in request credentials")
    static let badSignature = APIFailure(code: 40103, message: "Invalid signature in request credentials")
    static let missingDate = APIFailure(code: 40104, message: "Missing request timestamp")
    static let badDate = APIFailure(code: 40105, message: "Bad request timestamp")
    static let badContentType = APIFailure(code: 40106, message: "Invalid content type")
    static let wrongIntegration = APIFailure(
        code: 40301, message: "Access forbidden", detail: "Wrong integration type for this API.")
    static let notFound = APIFailure(code: 40401, message: "Resource not found")
    static let badMethod = APIFailure(code: 40501, message: "Method not allowed")
    static let tooManyRequests = APIFailure(code: 42901, message: "Too Many Requests")

    /// What Duo says for a bare code or HTTP status; used by faults.
    static func known(code: Int) -> APIFailure {
        let all: [APIFailure] = [
            .init(code: 40001, message: "Missing required request parameters"),
            .init(code: 40002, message: "Invalid request parameters"), .missingCredentials, .badIntegrationKey,
            .badSignature, .missingDate, .badDate, .badContentType, .wrongIntegration, .notFound, .badMethod,
            .tooManyRequests,
            .init(code: 50000, message: "Internal Server Error"),
        ]
        return all.first { $0.code == code } ?? .init(code: code, message: "Error \(code)")
    }
}
