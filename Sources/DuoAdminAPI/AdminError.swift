package import DuoAPI

/// Why a call of the Admin or Accounts API did not do what it was for.
package enum AdminError: Error, Sendable, Equatable {
    /// Nothing was done.
    case duo(DuoError)
    /// A write was sent, and no answer says whether it was carried out.
    case outcomeUnknown(DuoError)
    /// Duo has nothing of that name or id. `what` is a kind of thing: `user`, `phone`.
    case notFound(what: String, name: String)
    /// A name that more than one thing answers to.
    case ambiguous(what: String, name: String)
    /// Nothing was sent.
    case invalid(name: String, why: String)
}

extension AdminError {
    /// One sentence or two for people: what, and what to do.
    package func explanation(host: APIHost, kind: APIKind) -> String {
        switch self {
        case .duo(.forbidden(let code)):
            "\(host) forbids the call (\(code.map { "code \($0)" } ?? "no code")): the keys must be those of an "
                + "application of type \(kind.title)\(kind == .admin ? " that has the permission for it" : ""); "
                + "look at it in the Duo Admin Panel."
        case .duo(.rejected(404, _, _, _)):
            "\(host) knows nothing of that name or id, or no such call: look at it with a list or show command."
        case .duo(.tooLarge):
            "The answer of \(host) is larger than 1 MiB: ask for less at a time, such as with limit=."
        case .duo(let error): error.explanation(host: host)
        case .outcomeUnknown(let error):
            error.explanation(host: host) + " It may have been carried out: look before you do it again."
        case .notFound(let what, let name): "\(host) knows no \(what) \"\(Printable(name, limit: 256).text)\"."
        case .ambiguous(let what, let name):
            "\(host) knows more than one \(what) \"\(Printable(name, limit: 256).text)\": give the id."
        case .invalid(let name, let why):
            "The value of \(Printable(name, limit: 256).text) cannot be sent to Duo: \(why)."
        }
    }
}

extension DuoError {
    /// Whether a request that ended so may have been carried out all the same.
    var leavesOutcomeUnknown: Bool {
        switch self {
        case .unreachable(.timedOut(.answer)), .unreachable(.connectionLost), .unreachable(.serverError), .malformed,
            .tooLarge, .cancelled, .shutDown:
            true
        case .unreachable(.dns), .unreachable(.connect), .unreachable(.timedOut), .unreachable(.proxy), .certificate,
            .unauthorized, .forbidden, .rateLimited, .rejected, .invalidParameter, .local:
            false
        }
    }
}
