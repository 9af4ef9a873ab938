import DuoAPI

extension AdminAPI {
    package func accounts() async throws(AdminError) -> [Account] {
        let answer = try await send(APICall(.post, "/accounts/v1/account/list"))
        guard let list = answer.response.array else { throw .duo(.malformed(what: "a list that is none")) }
        var accounts: [Account] = []
        for json in list { accounts.append(try Account(json)) }
        return accounts
    }

    /// By id or by name.
    package func account(_ name: String) async throws(AdminError) -> Account {
        let all = try await accounts()
        if let account = all.first(where: { $0.id == name }) { return account }
        let found = all.filter { $0.name == name }
        guard let account = found.first else { throw .notFound(what: "account", name: name) }
        guard found.count == 1 else { throw .ambiguous(what: "account", name: name) }
        return account
    }

    /// The Admin API of a child: on its own host, with the keys of its parent.
    package func administration(of account: Account) -> AdminAPI {
        AdminAPI(
            SignedAPI(
                host: account.host, credentials: application.credentials, transport: application.transport,
                clock: application.clock, signatureVersion: application.signatureVersion),
            kind: .accounts, accountID: account.id)
    }

    package static func createAccount(_ name: String) -> APICall {
        APICall(.post, "/accounts/v1/account/create", [("name", name)])
    }

    package static func deleteAccount(_ id: String) throws(AdminError) -> APICall {
        APICall(.post, "/accounts/v1/account/delete", [("account_id", try segment(id, "account"))])
    }

    package func createdAccount(_ answer: Answer) throws(AdminError) -> Account { try Account(answer.response) }
}
