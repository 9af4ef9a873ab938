/// What goes wrong with a request on purpose.
package enum Fault: Sendable, Equatable {
    /// The request is read and does all its effects (a push is sent), then the TCP connection ends without an answer.
    case dropBeforeAnswer
    /// Refused with this HTTP status and code, no effects. Without a code: Duo's own for that status.
    case status(Int, code: Int? = nil)
    /// Handled at once, answered or refused so much later.
    case delay(Duration)
    /// Bytes that are no HTTP in place of the answer, then the connection ends; no effects.
    case garbage
    /// This body with status 200, no effects.
    case body(String)
}
