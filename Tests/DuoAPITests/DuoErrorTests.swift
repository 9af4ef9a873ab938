import Testing

@testable import DuoAPI

@Suite struct DuoErrorTests {
    static let all: [DuoError] = [
        .unreachable(.dns), .unreachable(.connect(errno: 111)), .unreachable(.proxy(.refused(status: 407))),
        .unreachable(.timedOut(.lookup)), .unreachable(.connectionLost), .unreachable(.serverError(status: 500)),
        .certificate(.untrusted), .certificate(.handshake), .unauthorized(code: 40105), .forbidden(code: nil),
        .rateLimited(retryAfter: nil),
        .rejected(status: 400, code: nil, message: "m", detail: nil), .malformed(what: "w"), .tooLarge,
        .invalidParameter(name: "n", why: "w"), .cancelled, .shutDown, .local(.signing),
    ]

    @Test("Only a Duo that was not there may lead to a fail mode: name, connection, time, 5xx", arguments: all)
    func failMode(error: DuoError) {
        switch error {
        case .unreachable(.connectionLost): #expect(!error.isUnreachable)
        case .unreachable: #expect(error.isUnreachable)
        default: #expect(!error.isUnreachable)
        }
    }

    @Test("Codes are unique and stable in form, sentences end like sentences")
    func codes() throws {
        #expect(Set(Self.all.map(\.code)).count == Self.all.count)
        let host = try #require(APIHost("api-x.duosecurity.com"))
        for error in Self.all {
            #expect(error.code.hasPrefix("DUET-1") && error.code.utf8.count == 8)
            #expect(error.explanation(host: host).count > 20)
        }
        #expect(DuoError.unreachable(.dns).explanation(host: host).contains("api-x.duosecurity.com"))
    }
}
