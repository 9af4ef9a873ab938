import FoundationEssentials

@testable import DuoAPI

/// Any answer in Duo's name.
///
/// The rules:
/// - Nothing traps; only a 200 within the limits of JSON is a success, and those limits hold, counted in another way.
/// - Only the word allow allows, and never with a status that denies.
/// - No text of it, errors included, can move a cursor or turn a line round.
/// - Nobody waits for longer than a day because of it; a portal is a web page.
///
/// The first line of an input is the HTTP status and a `Retry-After`, the rest is the body.
enum AnswerRules {
    static func hold(for input: ArraySlice<UInt8>) throws(BrokenRule) {
        let head = input.prefix { $0 != UInt8(ascii: "\n") }
        let body = Array(input.dropFirst(head.count + 1))
        let words = String(decoding: head, as: UTF8.self).split(separator: " ", maxSplits: 1)
        let status = words.first.flatMap { Int($0) } ?? 200
        let withinLimits = JSONLimits.hold(for: body)
        try rule(!withinLimits || depth(of: body) <= JSONLimits.depth, "what is too deep is beyond the limits")
        let response = Response(
            status: status, retryAfter: words.count > 1 ? String(words[1]) : nil, body: withinLimits ? body : [],
            facts: ConnectionFacts(
                reused: false, remoteAddress: "", lookup: .zero, connect: .zero, handshake: .zero, total: .zero))
        let envelope: Envelope
        do throws(DuoError) {
            envelope = try Envelope(response, now: 1_700_000_000)
        } catch {
            return try failure(error)
        }
        try rule(status == 200 && withinLimits, "only 200 within the limits is a success")
        try results(of: envelope)
    }

    private static func failure(_ error: DuoError) throws(BrokenRule) {
        guard let host = APIHost("api-00000000.duosecurity.com") else { throw BrokenRule(rule: "a host is one") }
        try printable(error.explanation(host: host))
        if case .rateLimited(let delay?) = error {
            try rule((.zero...Duration.seconds(86_400)).contains(delay), "nobody waits longer than a day")
        }
    }

    private static func results(of envelope: Envelope) throws(BrokenRule) {
        if let answer = try? envelope.decode(AuthAnswer.self) {
            let allows = answer.result == "allow"
            if case .allow(let status, let message) = AuthResult(answer) {
                try rule(allows && !status.isFinalDenial, "only allow allows")
                try printable(message + status.word)
            }
            switch AuthStatus(answer) {
            case .allow(let status, let message):
                try rule(allows && !status.isFinalDenial, "only allow allows")
                try printable(message + status.word)
            case .waiting(let status, let message), .deny(let status, let message):
                try printable(message + status.word)
            }
        }
        if let answer = try? envelope.decode(PreauthAnswer.self) { try preauth(answer) }
        if let answer = try? envelope.decode(EnrollAnswer.self), let enrollment = Enrollment(answer) {
            try printable(enrollment.username + (enrollment.activationURL ?? "") + (enrollment.barcodeURL ?? ""))
        }
        if let answer = try? envelope.decode(TransactionAnswer.self), let id = TransactionID(answer.txid) {
            try printable("\(id)")
        }
        if let word = try? envelope.decode(Printable.self), case .other(let text) = EnrollmentStatus(word) {
            try printable(text)
        }
        _ = try? envelope.decode(TimeAnswer.self)
    }

    private static func preauth(_ answer: PreauthAnswer) throws(BrokenRule) {
        switch PreauthResult(answer) {
        case .allow(let message):
            try rule(answer.result == "allow", "only allow allows")
            try printable(message)
        case .deny(let message): try printable(message)
        case .enroll(let message, let portal):
            try printable(message + (portal ?? ""))
            try rule(portal?.hasPrefix("https://") ?? true, "a portal is a web page")
        case .auth(let devices, let message, let push):
            try printable(message + (push?.code ?? ""))
            for device in devices {
                try printable([device.id, device.displayName, device.name, device.number].joined())
                try printable(device.smsNextCode ?? "")
            }
        }
    }

    private static func printable(_ text: String) throws(BrokenRule) {
        let moves = text.unicodeScalars.contains { scalar in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.properties.generalCategory == .format
        }
        try rule(!moves, "no text of Duo's has a control character: \(text.debugDescription)")
    }

    /// How deep brackets outside of strings go, by another way than `JSONLimits`.
    private static func depth(of document: [UInt8]) -> Int {
        var deepest = 0
        var open = 0
        var index = 0
        while index < document.count {
            switch document[index] {
            case UInt8(ascii: "["), UInt8(ascii: "{"): open += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): open -= 1
            case UInt8(ascii: "\""):
                index += 1
                while index < document.count, document[index] != UInt8(ascii: "\"") {
                    index += document[index] == UInt8(ascii: "\\") ? 2 : 1
                }
            default: break
            }
            deepest = max(deepest, open)
            index += 1
        }
        return deepest
    }
}
