extension Cloud {
    /// The user a request names: exactly one of `username` and `user_id`. nil: in no directory entry.
    func user(_ parameters: Parameters) throws(APIFailure) -> User? {
        var user: User?
        switch (parameters["username"], parameters["user_id"]) {
        case (nil, nil): throw .missing("username")
        case (.some, .some): throw .invalid("username and user_id are mutually exclusive")
        case (let name?, nil): user = directory.user(named: name)
        case (nil, let id?):
            guard let found = directory.user(id: id) else { throw .invalid("user_id") }
            user = found
        }
        if let code = user?.failureCode { throw .known(code: code) }
        user?.bypassCodes.removeAll { $0.expiration.map { $0 <= now } ?? false }
        return user
    }

    func account(_ user: User) -> Account { accounts[user.id] ?? Account() }
}
