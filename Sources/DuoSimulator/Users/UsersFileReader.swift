/// Turns a users file into a directory, or says where it is wrong.
enum UsersFileReader {
    static func directory(_ text: String) throws(UsersFileError) -> UserDirectory {
        let root = try UsersFileObject(
            try parse(text), at: "", keys: ["unknown_users", "lockout_threshold", "sms_batch", "logo", "users"])
        var directory = UserDirectory()
        directory.unknownUsers = try root.word("unknown_users", UserDirectory.UnknownUsers.self) ?? .enroll
        directory.lockoutThreshold = try root.number("lockout_threshold", 1...9999) ?? 10
        directory.smsBatch = try root.number("sms_batch", 1...10) ?? 3
        directory.hasLogo = try root.flag("logo") ?? true
        var names: Set<String> = []
        var ids: Set<String> = []
        for item in try root.list("users") {
            let user = try user(item.value, at: item.place)
            for name in [user.name] + user.aliases where !names.insert(name.lowercased()).inserted {
                throw UsersFileError(
                    place: item.place, problem: "\"\(name)\" occurs twice", hint: "rename one of the two")
            }
            for id in [user.id] + user.devices.map(\.id) where !ids.insert(id).inserted {
                throw UsersFileError(place: item.place, problem: "id \(id) occurs twice", hint: "leave ids out")
            }
            directory.users.append(user)
        }
        return directory
    }

    private static func parse(_ text: String) throws(UsersFileError) -> JSON {
        do {
            return try JSON(parsing: text.utf8)
        } catch {
            let (line, column) = JSONPlace.firstError(in: Array(text.utf8))
            throw UsersFileError(
                place: "line \(line), column \(column)", problem: "this is not JSON",
                hint: "look for a missing quote, comma or bracket; `duo-simulator users` prints an example")
        }
    }

    private static func user(_ value: JSON, at place: String) throws(UsersFileError) -> User {
        let object = try UsersFileObject(
            value, at: place,
            keys: [
                "name", "aliases", "user_id", "preauth", "status_msg", "enroll_portal_url", "texts", "auto",
                "verified_push", "push_fails", "error", "trusted_addresses", "remembered_devices", "devices",
                "passcodes",
            ])
        guard let name = try object.text("name"), !name.isEmpty else {
            throw object.wrong("name", "is missing", "every user needs a name")
        }
        var user = User(name: name, id: try object.text("user_id") ?? Identifier.make("DU", from: name.lowercased()))
        user.aliases = try object.texts("aliases")
        user.preauth = preauth(try object.text("preauth"))
        user.statusMessage = try object.text("status_msg")
        user.enrollPortalURL = try object.text("enroll_portal_url")
        user.texts = try texts(object)
        user.auto = try auto(object)
        user.verificationCode = try verificationCode(object)
        user.pushFails = try object.flag("push_fails") ?? false
        user.failureCode = try object.number("error", 40000...59999)
        user.remembersDevices = try object.flag("remembered_devices") ?? false
        user.trustedAddresses = try object.texts("trusted_addresses")
        for (index, item) in try object.list("devices").enumerated() {
            user.devices.append(try device(item.value, at: item.place, owner: name, index: index))
        }
        try readPasscodes(object, into: &user)
        return user
    }

    private static func preauth(_ word: String?) -> User.Preauth {
        switch word {
        case nil, "auth": .auth
        case "allow": .allow
        case "deny": .deny
        case "enroll": .enroll
        case .some(let other): .other(other)
        }
    }

    private static func texts(_ object: UsersFileObject) throws(UsersFileError) -> [String: String] {
        guard let value = object.value("texts") else { return [:] }
        let statuses = TransactionStep.knownStatuses
        let texts = try UsersFileObject(value, at: object.path("texts"), keys: statuses)
        var result: [String: String] = [:]
        for status in statuses { result[status] = try texts.text(status) }
        return result
    }

    private static func verificationCode(_ object: UsersFileObject) throws(UsersFileError) -> String? {
        guard let code = try object.text("verified_push") else { return nil }
        guard (3...6).contains(code.utf8.count), code.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw object.wrong("verified_push", "\"\(code)\" is no code", "write 3 to 6 digits in quotes")
        }
        return code
    }

    private static func auto(_ object: UsersFileObject) throws(UsersFileError) -> AutoAnswer? {
        guard let value = object.value("auto") else { return nil }
        if case .object = value {
            let step = try UsersFileObject(value, at: object.path("auto"), keys: ["result", "status", "status_msg"])
            guard let result = try step.text("result"), let status = try step.text("status") else {
                throw object.wrong("auto", "has no result or no status", "write {\"result\": …, \"status\": …}")
            }
            return .step(.init(result: result, status: status, message: try step.text("status_msg") ?? status))
        }
        let word = try object.text("auto") ?? ""
        if word == "ignore" { return .ignore }
        if word == "locked_out" { return .lockedOut }
        guard let answer = PhoneAnswer(rawValue: word) else {
            throw object.wrong(
                "auto", "\"\(word)\" is not known",
                "use approve, deny, fraud, timeout, ignore, locked_out or an object with result and status")
        }
        return .answer(answer)
    }

    private static func device(
        _ value: JSON, at place: String, owner: String, index: Int
    ) throws(UsersFileError) -> Device {
        let object = try UsersFileObject(
            value, at: place, keys: ["id", "type", "display_name", "name", "number", "capabilities"])
        let kind = try object.word("type", Device.Kind.self) ?? .phone
        var capabilities: [Device.Capability] = []
        for (text, item) in zip(try object.texts("capabilities"), try object.list("capabilities")) {
            guard let capability = Device.Capability(rawValue: text), kind == .phone else {
                throw UsersFileError(
                    place: item.place, problem: "\"\(text)\" is no capability of a \(kind.rawValue)",
                    hint: kind == .token
                        ? "leave capabilities out for a token"
                        : "use one of \(Device.Capability.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            capabilities.append(capability)
        }
        if kind == .phone, !object.has("capabilities") { capabilities = Device.Capability.allCases }
        let number = try object.text("number") ?? ""
        var device = Device(
            id: try object.text("id")
                ?? Identifier.make(kind == .phone ? "DP" : "DH", from: "\(owner.lowercased())/\(index)"),
            kind: kind, displayName: "", name: try object.text("name") ?? "", number: number, capabilities: capabilities
        )
        device.displayName =
            try object.text("display_name") ?? (kind == .token ? "Token" : "Phone (\(device.maskedNumber))")
        return device
    }

    private static func readPasscodes(_ object: UsersFileObject, into user: inout User) throws(UsersFileError) {
        guard let value = object.value("passcodes") else { return }
        let passcodes = try UsersFileObject(value, at: object.path("passcodes"), keys: ["app", "token", "bypass"])
        user.appPasscodes = try passcodes.texts("app")
        user.tokenPasscodes = try passcodes.texts("token")
        for item in try passcodes.list("bypass") {
            let code = try UsersFileObject(item.value, at: item.place, keys: ["code", "uses"])
            guard let text = try code.text("code") else {
                throw code.wrong(
                    "code", "is missing", "write {\"code\": \"900000001\", \"uses\": 1}; uses 0 means no limit")
            }
            let uses = try code.number("uses", 0...1000) ?? 1
            user.bypassCodes.append(.init(code: text, uses: uses == 0 ? nil : uses))
        }
    }
}
