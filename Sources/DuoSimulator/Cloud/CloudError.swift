/// Why the cloud could not do what a test or the phone asked for.
package enum CloudError: Error, Sendable, Equatable, CustomStringConvertible {
    case nothingWaiting
    case unknownTransaction(String)
    case alreadyAnswered(String)
    case unknownUser(String)
    case notEnrolling(String)
    case enrollmentExpired(String)

    package var description: String {
        switch self {
        case .nothingWaiting: "no push or call is waiting"
        case .unknownTransaction(let txid): "no transaction \(txid)"
        case .alreadyAnswered(let txid): "transaction \(txid) is answered already"
        case .unknownUser(let name): "no user \(name) in the directory"
        case .notEnrolling(let name): "user \(name) is not waiting for a phone"
        case .enrollmentExpired(let name): "the enrolment of \(name) has expired"
        }
    }
}
