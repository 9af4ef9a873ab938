/// /admin/v1/bypass_codes
extension Tenant {
    private static let mostCodes = 100

    mutating func createCodes(_ index: Int, _ parameters: Parameters, now: Int) throws(APIFailure) -> JSON {
        if parameters["count"] != nil, parameters["codes"] != nil {
            throw .invalid("count and codes are mutually exclusive")
        }
        let own = parameters["codes"]?.split(separator: ",").map(String.init)
        let count = parameters["count"].flatMap { Int($0) } ?? 10
        let codes = own ?? (0..<count).map { _ in String(Int.random(in: 100_000_000...999_999_999)) }
        let uses = parameters["reuse_count"].flatMap { Int($0) } ?? 1
        let seconds = parameters["valid_secs"].flatMap { Int($0) } ?? 0
        if !["1", "true"].contains(parameters["preserve_existing"] ?? "0") {
            directory.users[index].bypassCodes = []
        }
        let kept = directory.users[index].bypassCodes
        guard kept.count + codes.count <= Self.mostCodes, Set(codes).isDisjoint(with: kept.map(\.code)) else {
            throw .invalid("codes")
        }
        directory.users[index].bypassCodes += codes.map { code in
            User.BypassCode(
                code: code, uses: uses == 0 ? nil : uses, created: now, expiration: seconds == 0 ? nil : now + seconds)
        }
        return .array(codes.map(JSON.string))
    }

    mutating func expireCodes(now: Int) {
        for index in directory.users.indices where !directory.users[index].bypassCodes.isEmpty {
            directory.users[index].bypassCodes.removeAll { $0.expiration.map { $0 <= now } ?? false }
        }
    }

    mutating func deleteCode(_ id: String) {
        for index in directory.users.indices { directory.users[index].bypassCodes.removeAll { $0.id == id } }
    }

    func code(_ id: String) throws(APIFailure) -> JSON {
        for user in directory.users {
            if let code = user.bypassCodes.first(where: { $0.id == id }), let json = json(code, of: user, named: true) {
                return json
            }
        }
        throw .notFound
    }

    func codes(of user: User, named: Bool = false) -> [JSON] {
        user.bypassCodes.compactMap { json($0, of: user, named: named) }
    }

    /// nil: used up.
    private func json(_ code: User.BypassCode, of user: User, named: Bool) -> JSON? {
        let left = code.uses.map { accounts[user.id]?.bypassUses[code.code] ?? $0 }
        guard left != 0 else { return nil }
        var json: [String: JSON] = [
            "bypass_code_id": .string(code.id), "admin_email": "admin@example.com", "created": .int(code.created),
            "expiration": code.expiration.map(JSON.int) ?? .null, "reuse_count": left.map(JSON.int) ?? .null,
        ]
        if named { json["user"] = ["user_id": .string(user.id), "username": .string(user.name)] }
        return .object(json)
    }
}
