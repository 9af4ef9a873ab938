/// The person at the other end: a PAM host's conversation in production, a script in tests.
package protocol Conversation: Sendable {
    /// Whether what is shown reaches the person at once, not only with the next prompt or at the end.
    var showsProgress: Bool { get }

    /// Columns of the person's terminal; nil where nobody knows.
    var columns: Int? { get }

    /// Shows a text of at most 500 bytes; what does not fit is cut.
    func show(_ text: String, isError: Bool)

    /// Asks with echo on. Throws when the person is gone or the login was cancelled.
    func ask(_ text: String) async throws -> String
}
