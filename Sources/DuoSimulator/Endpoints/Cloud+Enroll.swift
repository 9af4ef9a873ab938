import FoundationEssentials

/// POST /auth/v2/enroll and /auth/v2/enroll_status
extension Cloud {
    static let enrollRules = ParameterRules(["username": .text, "valid_secs": .number(1...2_147_483_647)])
    static let enrollStatusRules = ParameterRules(
        ["user_id": .text, "activation_code": .text], required: ["user_id", "activation_code"])
    static let maximumEnrollments = 10_000
    /// How long an activation code is good where the client does not say.
    private static let usualLife = 86_400

    /// The user has no phone until `activate` adds one; so far preauth says `enroll`.
    func enroll(_ parameters: Parameters) throws(APIFailure) -> JSON {
        let name = parameters["username"] ?? Digest.hex((0..<16).map { _ in UInt8.random(in: 0...255) })
        guard directory.user(named: name) == nil else { throw .invalid("username") }
        guard enrollments.count < Self.maximumEnrollments else { throw .tooManyRequests }
        let seconds = parameters["valid_secs"].flatMap { Int($0) } ?? Self.usualLife
        var user = User(name: name, id: Identifier.make("DU", from: name.lowercased()))
        user.preauth = .enroll
        let key = Identifier.make("", from: Identifier.transaction())
        let code = "duo://\(key)-\(Data(apiHost.utf8).base64EncodedString().filter { $0 != "=" })"
        directory.users.append(user)
        enrollments[user.id] = Enrollment(
            activationCode: code, expiresAt: timeline.now() + .seconds(seconds))
        return [
            "user_id": .string(user.id), "username": .string(name), "activation_code": .string(code),
            "activation_url": .string("https://\(apiHost)/activate/\(key)"),
            "activation_barcode": .string("https://\(apiHost)/frame/qr?value=\(Parameters.encoded(code))"),
            "expiration": .int(now + seconds),
        ]
    }

    /// A bare string.
    func enrollStatus(_ parameters: Parameters) -> JSON {
        guard let enrollment = enrollments[parameters["user_id"] ?? ""],
            enrollment.activationCode == parameters["activation_code"]
        else { return "invalid" }
        if enrollment.isActivated { return "success" }
        return timeline.now() < enrollment.expiresAt ? "waiting" : "invalid"
    }
}
