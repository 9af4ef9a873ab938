/// One Duo account as the Admin API sees it.
struct Tenant: Sendable {
    static let maximumEntries = 10_000

    var directory = UserDirectory()
    /// By user id.
    var accounts: [String: Account] = [:]
    var profiles: [String: UserProfile] = [:]
    /// In order of their making.
    var phones: [PhoneRecord] = []
    var settings = standardSettings

    /// The closed table of what each call does. What fails has changed nothing: the caller keeps the old value.
    mutating func answer(
        _ operation: AdminOperation, _ ids: [String], _ parameters: Parameters, now: Int, apiHost: String
    ) throws(APIFailure) -> Endpoint.Outcome {
        gatherPhones()
        expireCodes(now: now)
        let id = ids.first ?? ""
        switch operation {
        case .listUsers: return page(try users(parameters).map(json), parameters)
        case .createUser: return .answer(try createUser(parameters, now: now))
        case .enrollUser: return .answer(try enrollUser(parameters, now: now))
        case .syncUser: return .answer(try syncUser(parameters, directory: id, now: now))
        case .showUser: return .answer(json(directory.users[try index(ofUser: id)]))
        case .updateUser: return .answer(try updateUser(try index(ofUser: id), parameters))
        case .deleteUser: directory.users.removeAll { $0.id == id }
        case .listCodesOfUser:
            return page(codes(of: directory.users[try index(ofUser: id)]), parameters)
        case .createCodes: return .answer(try createCodes(try index(ofUser: id), parameters, now: now))
        case .listCodes: return page(directory.users.flatMap { codes(of: $0, named: true) }, parameters)
        case .showCode: return .answer(try code(id))
        case .deleteCode: deleteCode(id)
        case .listPhonesOfUser:
            let owned = directory.users[try index(ofUser: id)].devices.map(\.id)
            return page(phones.filter { owned.contains($0.id) }.map { json($0) }, parameters)
        case .associatePhone:
            try associate(try index(ofUser: id), try phone(parameters["phone_id"] ?? ""))
        case .dissociatePhone:
            let index = try index(ofUser: id)
            directory.users[index].devices.removeAll { $0.id == ids[1] }
        case .listPhones: return page(try phones(parameters).map { json($0, withUsers: true) }, parameters)
        case .createPhone: return .answer(try createPhone(parameters))
        case .showPhone: return .answer(json(phones[try phone(id)], withUsers: true))
        case .updatePhone: return .answer(try updatePhone(try phone(id), parameters))
        case .deletePhone: deletePhone(id)
        case .activationURL: return .answer(try activation(try phone(id), parameters, apiHost: apiHost))
        case .smsActivation: return .answer(try smsActivation(try phone(id), parameters, apiHost: apiHost))
        case .smsInstallation: return .answer(try smsInstallation(try phone(id), parameters))
        case .smsPasscodes: try smsPasscodes(try phone(id))
        case .showSettings: return .answer(.object(settings))
        case .updateSettings: return .answer(try updateSettings(parameters))
        case .listAccounts, .createAccount, .deleteAccount: throw .notFound
        }
        return .answer("")
    }

    private func page(_ all: [JSON], _ parameters: Parameters) -> Endpoint.Outcome {
        let offset = parameters["offset"].flatMap { Int($0) } ?? 0
        let limit = parameters["limit"].flatMap { Int($0) } ?? 100
        let items = all.dropFirst(offset).prefix(limit)
        var metadata: [String: JSON] = ["total_objects": .int(all.count)]
        if offset + items.count < all.count { metadata["next_offset"] = .int(offset + items.count) }
        if offset > 0 { metadata["prev_offset"] = .int(max(0, offset - limit)) }
        return .page(.array(Array(items)), metadata: .object(metadata))
    }

    func index(ofUser id: String) throws(APIFailure) -> Int {
        guard let index = directory.users.firstIndex(where: { $0.id == id }) else { throw .notFound }
        return index
    }

    func phone(_ id: String) throws(APIFailure) -> Int {
        guard let index = phones.firstIndex(where: { $0.id == id }) else { throw .notFound }
        return index
    }
}
