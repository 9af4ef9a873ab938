/// Which of Duo's APIs a call belongs to. Each has applications, and so keys, of its own.
package enum APIKind: String, Sendable, CaseIterable {
    case auth, admin, accounts

    /// nil: none of Duo's.
    package init?(path: String) {
        let kind = Self.allCases.first { path.hasPrefix("/\($0.rawValue)/") }
        guard let kind else { return nil }
        self = kind
    }

    /// As the Duo Admin Panel calls the application.
    package var title: String {
        switch self {
        case .auth: "Auth API"
        case .admin: "Admin API"
        case .accounts: "Accounts API"
        }
    }
}
