/// How a login ended. The messages are Duo's, safe to print.
package enum AuthResult: Sendable, Equatable {
    case allow(LoginStatus, message: String)
    /// Also `.sent`: SMS passcodes are on their way, which is no login yet.
    case deny(LoginStatus, message: String)
}

/// One answer of the long poll.
package enum AuthStatus: Sendable, Equatable {
    /// Ask again.
    case waiting(LoginStatus, message: String)
    case allow(LoginStatus, message: String)
    case deny(LoginStatus, message: String)
}
