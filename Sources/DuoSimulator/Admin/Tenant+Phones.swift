/// /admin/v1/phones
extension Tenant {
    /// Phones that came by another way than the Admin API.
    mutating func gatherPhones() {
        let known = Set(phones.map(\.id))
        for user in directory.users {
            for device in user.devices where device.kind == .phone && !known.contains(device.id) {
                phones.append(PhoneRecord(device))
            }
        }
    }

    func phones(_ parameters: Parameters) throws(APIFailure) -> [PhoneRecord] {
        guard let number = parameters["number"] else {
            guard parameters["extension"] == nil else { throw .missing("number") }
            return phones
        }
        return phones.filter { $0.number == number && ($0.lineExtension == parameters["extension"] ?? "") }
    }

    mutating func createPhone(_ parameters: Parameters) throws(APIFailure) -> JSON {
        guard phones.count < Self.maximumEntries else { throw .tooManyRequests }
        phones.append(PhoneRecord(id: Identifier.make("DP", from: Identifier.transaction())))
        return try updatePhone(phones.count - 1, parameters)
    }

    mutating func updatePhone(_ index: Int, _ parameters: Parameters) throws(APIFailure) -> JSON {
        var phone = phones[index]
        if let text = parameters["number"] { phone.number = try Self.number(text) }
        phone.name = parameters["name"] ?? phone.name
        phone.lineExtension = parameters["extension"] ?? phone.lineExtension
        phone.type = parameters["type"] ?? phone.type
        phone.platform = parameters["platform"] ?? phone.platform
        phone.predelay = parameters["predelay"] ?? phone.predelay
        phone.postdelay = parameters["postdelay"] ?? phone.postdelay
        for delay in [phone.predelay, phone.postdelay] where !delay.utf8.allSatisfy({ (48...57).contains($0) }) {
            throw .invalid("predelay or postdelay")
        }
        let twin = phones.first { $0.number == phone.number && $0.lineExtension == phone.lineExtension }
        if !phone.number.isEmpty, let twin, twin.id != phone.id { throw .invalid("number: it exists already") }
        phone.deriveCapabilities()
        phones[index] = phone
        for user in directory.users.indices {
            for place in directory.users[user].devices.indices where directory.users[user].devices[place].id == phone.id
            {
                directory.users[user].devices[place] = phone.device
            }
        }
        return json(phone, withUsers: true)
    }

    mutating func deletePhone(_ id: String) {
        phones.removeAll { $0.id == id }
        for index in directory.users.indices { directory.users[index].devices.removeAll { $0.id == id } }
    }

    mutating func associate(_ user: Int, _ phone: Int) throws(APIFailure) {
        let device = phones[phone].device
        guard !directory.users[user].devices.contains(where: { $0.id == device.id }) else { return }
        directory.users[user].devices.append(device)
        if directory.users[user].preauth == .enroll { directory.users[user].preauth = .auth }
    }

    /// E.164; without `+` of the United States.
    private static func number(_ text: String) throws(APIFailure) -> String {
        let plain = text.filter { !" -.()".contains($0) }
        let digits = plain.hasPrefix("+") ? plain.dropFirst() : plain[...]
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }) else { throw .invalid("number") }
        if plain.isEmpty { return "" }
        if plain.hasPrefix("+"), (5...15).contains(digits.count) { return plain }
        guard digits.count == 10 else { throw .invalid("number") }
        return "+1\(digits)"
    }

    private static func capitalized(_ words: String) -> String {
        words.split(separator: " ").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: " ")
    }

    func json(_ phone: PhoneRecord, withUsers: Bool = false) -> JSON {
        var json: [String: JSON] = [
            "phone_id": .string(phone.id), "number": .string(phone.number), "name": .string(phone.name),
            "extension": .string(phone.lineExtension), "type": .string(Self.capitalized(phone.type)),
            "platform": .string(phone.platform == "apple ios" ? "Apple iOS" : Self.capitalized(phone.platform)),
            "predelay": .string(phone.predelay), "postdelay": .string(phone.postdelay),
            "activated": .bool(phone.isActivated), "sms_passcodes_sent": .bool(phone.passcodesSent),
            "capabilities": .array(phone.capabilities.map { .string($0.rawValue) }), "model": "Unknown",
            "encrypted": "", "fingerprint": "", "screenlock": "", "tampered": "", "last_seen": "",
        ]
        if withUsers {
            let users = directory.users.filter { $0.devices.contains { $0.id == phone.id } }
            json["users"] = .array(
                users.map { ["user_id": .string($0.id), "username": .string($0.name)] })
        }
        return .object(json)
    }
}
