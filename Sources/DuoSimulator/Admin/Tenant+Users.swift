/// /admin/v1/users
extension Tenant {
    /// The one directory that users come from.
    static let directoryKey = "DKSIMULATORDIRECTORY"

    func users(_ parameters: Parameters) throws(APIFailure) -> [User] {
        if parameters["username"] != nil, parameters["email"] != nil { throw .invalid("username and email") }
        if let name = parameters["username"] { return directory.users.filter { $0.answers(to: name) } }
        if let email = parameters["email"] { return directory.users.filter { profiles[$0.id]?.email == email } }
        return directory.users
    }

    mutating func createUser(_ parameters: Parameters, now: Int) throws(APIFailure) -> JSON {
        let name = parameters["username"] ?? ""
        guard directory.users.count < Self.maximumEntries else { throw .tooManyRequests }
        guard directory.user(named: name) == nil else { throw .invalid("username: it exists already") }
        var user = User(name: name, id: Identifier.make("DU", from: Identifier.transaction()))
        user.preauth = .enroll
        directory.users.append(user)
        profiles[user.id, default: .init()].created = now
        return try updateUser(directory.users.count - 1, parameters)
    }

    mutating func updateUser(_ index: Int, _ parameters: Parameters) throws(APIFailure) -> JSON {
        var user = directory.users[index]
        var profile = profile(user)
        if let name = parameters["username"] {
            guard directory.user(named: name).map({ $0.id == user.id }) ?? true else { throw .invalid("username") }
            user.name = name
        }
        try setAliases(parameters, &profile, of: user)
        user.aliases = profile.aliases.sorted { $0.key < $1.key }.map(\.value)
        profile.realName = parameters["realname"] ?? profile.realName
        profile.firstName = parameters["firstname"] ?? profile.firstName
        profile.lastName = parameters["lastname"] ?? profile.lastName
        profile.email = parameters["email"] ?? profile.email
        profile.notes = parameters["notes"] ?? profile.notes
        switch parameters["status"] {
        case "bypass": user.preauth = .allow
        case "disabled": user.preauth = .deny
        case "active":
            user.preauth = user.devices.isEmpty ? .enroll : .auth
            accounts[user.id]?.isLocked = false
            accounts[user.id]?.failures = 0
        default: break
        }
        profiles[user.id] = profile
        directory.users[index] = user
        return json(user)
    }

    private func setAliases(
        _ parameters: Parameters, _ profile: inout UserProfile, of user: User
    ) throws(APIFailure) {
        var changes: [(position: Int, name: String)] = (1...4).compactMap { position in
            parameters["alias\(position)"].map { (position, $0) }
        }
        if let text = parameters["aliases"] {
            guard changes.isEmpty else { throw .invalid("aliases and alias1 to alias4 are mutually exclusive") }
            for pair in Parameters(form: text)?.pairs ?? [] {
                guard let position = (1...8).first(where: { "alias\($0)" == pair.name }) else {
                    throw .invalid("aliases")
                }
                changes.append((position, pair.value))
            }
        }
        for (position, name) in changes {
            if !name.isEmpty, let other = directory.user(named: name), other.id != user.id { throw .invalid("aliases") }
            profile.aliases[position] = name.isEmpty ? nil : name
        }
    }

    mutating func enrollUser(_ parameters: Parameters, now: Int) throws(APIFailure) -> JSON {
        let name = parameters["username"] ?? ""
        if directory.user(named: name) == nil { _ = try createUser(Parameters([("username", name)]), now: now) }
        guard let user = directory.user(named: name), user.devices.isEmpty else { throw .invalid("username") }
        profiles[user.id, default: .init()].email = parameters["email"] ?? ""
        return .string(Identifier.make("", from: Identifier.transaction()).lowercased())
    }

    mutating func syncUser(_ parameters: Parameters, directory key: String, now: Int) throws(APIFailure) -> JSON {
        guard key == Self.directoryKey, let user = directory.user(named: parameters["username"] ?? "") else {
            throw .notFound
        }
        var profile = profile(user)
        profile.lastDirectorySync = now
        profiles[user.id] = profile
        return ["message": .string("Successfully synced \(user.name)"), "user": json(user)]
    }

    private func profile(_ user: User) -> UserProfile {
        if let profile = profiles[user.id] { return profile }
        var profile = UserProfile()
        for (index, alias) in user.aliases.prefix(8).enumerated() { profile.aliases[index + 1] = alias }
        return profile
    }

    func json(_ user: User) -> JSON {
        let profile = profile(user)
        let aliases = Dictionary(profile.aliases.map { ("alias\($0)", JSON.string($1)) }) { $1 }
        let isLocked = accounts[user.id]?.isLocked ?? false
        let status =
            switch user.preauth {
            case _ where isLocked: "locked out"
            case .allow: "bypass"
            case .deny: "disabled"
            case .auth, .enroll, .other: "active"
            }
        var json: [String: JSON] = [
            "user_id": .string(user.id), "username": .string(user.name), "aliases": .object(aliases),
            "realname": .string(profile.realName), "firstname": .string(profile.firstName),
            "lastname": .string(profile.lastName), "email": .string(profile.email), "notes": .string(profile.notes),
            "status": .string(status), "lockout_reason": isLocked ? "Failed Attempts" : .null,
            "is_enrolled": .bool(!user.devices.isEmpty), "enable_auto_prompt": true, "created": .int(profile.created),
            "last_login": .null, "last_directory_sync": profile.lastDirectorySync.map(JSON.int) ?? .null,
            "external_id": .null, "groups": [], "u2ftokens": [], "webauthncredentials": [],
            "desktop_authenticators": [],
        ]
        for position in 1...4 { json["alias\(position)"] = aliases["alias\(position)"] ?? .null }
        let phoneIDs = user.devices.map(\.id)
        json["phones"] = .array(phones.filter { phoneIDs.contains($0.id) }.map { self.json($0) })
        json["tokens"] = .array(
            user.devices.filter { $0.kind == .token }.map {
                ["token_id": .string($0.id), "serial": .string($0.name), "type": "h6"]
            })
        return .object(json)
    }
}
