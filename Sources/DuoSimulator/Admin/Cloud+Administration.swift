/// The Admin and Accounts APIs.
extension Cloud {
    static let maximumChildren = 1000
    /// Children have an API host of their own: the same server under its other name.
    static let childHost = "127.0.0.1"

    func administer(
        _ operation: AdminOperation, ids: [String], _ parameters: Parameters, by kind: RequestVerifier.Kind,
        host: String
    ) throws(APIFailure) -> Endpoint.Outcome {
        switch operation {
        case .listAccounts:
            try operation.rules.check(parameters)
            return .answer(.array(children.map(json)))
        case .createAccount:
            try operation.rules.check(parameters)
            return .answer(try createChild(parameters["name"] ?? ""))
        case .deleteAccount:
            try operation.rules.check(parameters)
            children.removeAll { $0.id == parameters["account_id"] }
            return .answer("")
        default:
            guard kind == .accounts else {
                try operation.rules.check(parameters)
                return try administerOwn(operation, ids, parameters)
            }
            try operation.rules.with("account_id", .text, isRequired: true).check(parameters)
            return try administerChild(operation, ids, parameters, host: host)
        }
    }

    /// The users of the Auth API are those of the Admin API.
    private func administerOwn(
        _ operation: AdminOperation, _ ids: [String], _ parameters: Parameters
    ) throws(APIFailure) -> Endpoint.Outcome {
        var own = tenant
        own.directory = directory
        own.accounts = accounts
        let outcome = try own.answer(operation, ids, parameters, now: now, apiHost: apiHost)
        (directory, accounts, tenant) = (own.directory, own.accounts, own)
        return outcome
    }

    /// 1. A call for a child MUST come to the child's own host.
    private func administerChild(
        _ operation: AdminOperation, _ ids: [String], _ parameters: Parameters, host: String
    ) throws(APIFailure) -> Endpoint.Outcome {
        guard let index = children.firstIndex(where: { $0.id == parameters["account_id"] }),
            host.hasPrefix(Self.childHost)
        else { throw .invalid("account_id") }
        var child = children[index].tenant
        let outcome = try child.answer(operation, ids, parameters, now: now, apiHost: childAPIHost)
        children[index].tenant = child
        return outcome
    }

    private func createChild(_ name: String) throws(APIFailure) -> JSON {
        guard children.count < Self.maximumChildren else { throw .tooManyRequests }
        let child = ChildAccount(id: Identifier.make("DA", from: Identifier.transaction()), name: name)
        children.append(child)
        return json(child)
    }

    private var childAPIHost: String { Self.childHost + apiHost.drop { $0 != ":" } }

    private func json(_ child: ChildAccount) -> JSON {
        ["account_id": .string(child.id), "name": .string(child.name), "api_hostname": .string(childAPIHost)]
    }
}
