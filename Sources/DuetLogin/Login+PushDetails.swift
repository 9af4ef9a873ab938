import DuetPolicy
import DuoAPI

extension Login {
    /// Bytes of one line at most: a command can be as long as its user likes, and a phone is small.
    private static let lineCap = 512
    private static let loginLine = "Login"

    /// What the phone shows with a push: what is being approved. A line that has nothing to say is left out.
    /// `verified` is the transaction of a Verified Push.
    func pushDetails(verified: TransactionID?) -> PushDetails {
        let lines: [(String, String?)] = [
            ("Service", request.service), ("Host", request.host), ("From", request.address?.description),
            ("Terminal", request.tty), ("Command", request.command),
            ("User", request.duoUser == request.user ? nil : request.user), (Self.loginLine, request.id),
        ]
        return PushDetails(
            type: request.wording.type,
            displayUsername: request.wording.displayUsername(
                user: request.user, host: request.host, service: request.service),
            info: lines.compactMap { title, text in
                text.flatMap { $0.isEmpty ? nil : PushDetails.Line(title, Printable($0, limit: Self.lineCap).text) }
            }, verified: verified)
    }

    /// What another login must have in common with this one to wait for its push; nil where the rule remembers nothing.
    func flight(_ factor: Factor, _ device: Device, _ details: PushDetails) -> FlightKey? {
        guard let remember = requirement.remember, remember.allow > .zero, let key = memory.recordKey else {
            return nil
        }
        return FlightKey(
            key: key, factor: factor, device: device.id, address: request.address, type: details.type,
            displayUsername: details.displayUsername,
            lines: details.info.filter { $0.title != Self.loginLine }.map { "\($0.title)=\($0.text)" })
    }
}
