import DuoAPI

extension AdminAPI {
    package func users(
        username: String? = nil, email: String? = nil, limit: Int? = nil,
        progress: @Sendable (Int, Int?) -> Void = { _, _ in }
    ) async throws(AdminError) -> [User] {
        var filters: [(String, String)] = []
        if let username { filters.append(("username", username)) }
        if let email { filters.append(("email", email)) }
        return try await list("/admin/v1/users", filters, limit: limit, progress) { (json) throws(AdminError) in
            try User(json)
        }
    }

    /// By id, else by name or alias.
    package func user(_ name: String) async throws(AdminError) -> User {
        if name.hasPrefix("DU"), name.utf8.count == 20, isOpaqueID(name) {
            do throws(AdminError) {
                return try User(try await send(APICall(.get, "/admin/v1/users/\(name)")).response)
            } catch {
                guard case .duo(.rejected(404, _, _, _)) = error else { throw error }
            }
        }
        guard !name.isEmpty else { throw .notFound(what: "user", name: name) }
        let found = try await users(username: name, limit: 2)
        guard let user = found.first else { throw .notFound(what: "user", name: name) }
        guard found.count == 1 else { throw .ambiguous(what: "user", name: name) }
        return user
    }

    package static func createUser(_ change: UserChange) -> APICall {
        APICall(.post, "/admin/v1/users", change.parameters)
    }

    package static func updateUser(_ id: String, _ change: UserChange) throws(AdminError) -> APICall {
        APICall(.post, "/admin/v1/users/\(try segment(id, "user"))", change.parameters)
    }

    /// At once and for good. The user's phones stay.
    package static func deleteUser(_ id: String) throws(AdminError) -> APICall {
        APICall(.delete, "/admin/v1/users/\(try segment(id, "user"))")
    }

    /// Sends a mail with a link. Seconds; 0: the link does not expire.
    package static func enrollUser(_ name: String, email: String, validSeconds: Int?) -> APICall {
        let valid = validSeconds.map { [("valid_secs", "\($0)")] } ?? []
        return APICall(.post, "/admin/v1/users/enroll", [("username", name), ("email", email)] + valid)
    }

    package static func syncUser(_ name: String, directoryKey: String) throws(AdminError) -> APICall {
        let key = try segment(directoryKey, "directory")
        return APICall(.post, "/admin/v1/users/directorysync/\(key)/syncuser", [("username", name)])
    }
}
