/// Why a users file was refused: where, what, and what to do.
package struct UsersFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Such as `users[2].devices[0].type`, or a line and column.
    package var place: String
    package var problem: String
    package var hint: String

    package var description: String { "users file, \(place): \(problem)\n  hint: \(hint)" }
}
