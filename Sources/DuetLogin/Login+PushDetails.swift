import DuetPolicy
import DuoAPI

extension Login {
    /// Bytes of one line at most: a command can be as long as its user likes, and a phone is small.
    private static let lineCap = 512

    /// What the phone shows with a push: what is being approved. A line that has nothing to say is left out.
    /// `verified` is the transaction of a Verified Push.
    func pushDetails(verified: TransactionID?) -> PushDetails {
        let lines: [(String, String?)] = [
            ("Service", request.service), ("Host", request.host), ("From", request.address?.description),
            ("Terminal", request.tty), ("Command", request.command),
            ("User", request.duoUser == request.user ? nil : request.user), ("Login", request.id),
        ]
        return PushDetails(
            type: request.wording.type,
            displayUsername: request.wording.displayUsername(
                user: request.user, host: request.host, service: request.service),
            info: lines.compactMap { title, text in
                text.flatMap { $0.isEmpty ? nil : PushDetails.Line(title, Printable($0, limit: Self.lineCap).text) }
            }, verified: verified)
    }
}
