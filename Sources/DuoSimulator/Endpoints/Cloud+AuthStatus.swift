/// GET /auth/v2/auth_status
extension Cloud {
    static let authStatusRules = ParameterRules(["txid": .text], required: ["txid"])

    /// The first call is answered at once, each following one when the state changes; `statusPolls` says how far one call gets.
    func authStatus(_ parameters: Parameters) throws(APIFailure) -> Endpoint.Outcome {
        let txid = parameters["txid"] ?? ""
        guard byID[txid]?.isAsync == true else { throw .invalid("txid") }
        byID[txid]?.countPoll()
        return .hold(txid: txid) { [statusPolls] in $0.nextStep(statusPolls) }
    }
}
