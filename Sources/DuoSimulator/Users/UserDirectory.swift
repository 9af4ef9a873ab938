/// The users of the simulated cloud and the policy that holds for all of them.
package struct UserDirectory: Sendable, Equatable {
    package enum UnknownUsers: String, Sendable, CaseIterable {
        case enroll, deny
    }

    package var users: [User] = []
    package var unknownUsers: UnknownUsers = .enroll
    /// Failed attempts in a row that lock a user out.
    package var lockoutThreshold = 10
    /// New passcodes in one SMS.
    package var smsBatch = 3
    /// The application has a logo.
    package var hasLogo = true

    package init() {}

    /// Reads a users file.
    package init(json text: String) throws(UsersFileError) {
        self = try UsersFileReader.directory(text)
    }

    /// The built-in directory: a user for every result and status.
    package static let standard: UserDirectory = {
        do throws(UsersFileError) {
            return try UserDirectory(json: standardText)
        } catch {
            preconditionFailure("the built-in users do not parse: \(error)")
        }
    }()

    /// Names and aliases match without regard to case.
    func user(named name: String) -> User? {
        users.first { $0.answers(to: name) }
    }

    func user(id: String) -> User? { users.first { $0.id == id } }
}
