import DuetWire
import FoundationEssentials
import Logging

/// The logins that are in flight, and those that have ended.
extension ControlDesk {
    func pastLogins(_ request: ControlRequest) -> Answer {
        guard let filter: HistoryFilter = request.decoded(or: HistoryFilter()) else {
            return refused("the arguments are not understood")
        }
        if let fault = filter.fault { return refused(fault) }
        if let reason = filter.reason, !LoginHistory.reasons.contains(reason) {
            return refused(
                "there is no reason \"\(reason)\"; there are: " + LoginHistory.reasons.joined(separator: ", "))
        }
        return encoded(history.report(filter, now: Date()))
    }

    func loginsInFlight() -> Answer {
        encoded(LoginsReport(logins: registry.list(most: LoginsReport.most), inFlight: registry.inFlight))
    }

    func cancelLogin(_ request: ControlRequest, _ peer: PeerCredentials) -> Answer {
        guard let order: CancelOrder = request.decoded(or: nil) else {
            return refused("the arguments are not understood")
        }
        // Who root was before is root's word, for the log alone.
        let name = order.by.map { TextRule.user.fitting($0) } ?? ""
        let who = name.isEmpty ? "uid \(peer.uid)" : "\(name) (uid \(peer.uid))"
        guard registry.cancel(order.id, by: who) else {
            return refused("no login \"\(TextRule.login.fitting(order.id))\" is in flight: see duet logins")
        }
        logger.notice("login cancelled", metadata: ["login": "\(order.id)", "by": "\(who)"])
        return encoded(order)
    }
}

extension ControlRequest {
    /// The arguments as a value; `standard` when there are none, nil when they are something else.
    func decoded<Value: Decodable>(or standard: Value?) -> Value? {
        guard let arguments else { return standard }
        return try? JSONDecoder().decode(Value.self, from: Data(arguments.utf8))
    }
}
