/// POST /auth/v2/preauth
extension Cloud {
    static let preauthRules = ParameterRules([
        "username": .text, "user_id": .text, "ipaddr": .address, "hostname": .text, "trusted_device_token": .text,
        "client_supports_verified_push": .flag,
    ])
    /// Life of the transaction that a verified push opens.
    static let verifiedPushLife = Duration.seconds(60)

    func preauth(_ parameters: Parameters) throws(APIFailure) -> JSON {
        guard let user = try user(parameters) else {
            switch directory.unknownUsers {
            case .enroll: return enroll(parameters["username"] ?? "", message: nil, url: nil)
            case .deny: return answer("deny", "Your account is not known")
            }
        }
        if account(user).isLocked { return answer("deny", TransactionStep.lockedOut.message) }
        let isTrusted = parameters["ipaddr"].map(user.trustedAddresses.contains) ?? false
        let token = parameters["trusted_device_token"]
        let isRemembered = token.map { account(user).remembersDevice($0, now: timeline.now()) } ?? false
        switch user.preauth {
        case .auth where isRemembered: return answer("allow", user.statusMessage ?? "Remembered device")
        case .auth where isTrusted: return answer("allow", user.statusMessage ?? "Trusted network")
        case .auth: return devices(user, parameters)
        case .allow: return answer("allow", user.statusMessage ?? "Bypass status")
        case .deny: return answer("deny", user.statusMessage ?? "Your account is disabled")
        case .enroll: return enroll(user.name, message: user.statusMessage, url: user.enrollPortalURL)
        case .other(let word): return answer(word, user.statusMessage ?? word)
        }
    }

    private func answer(_ result: String, _ message: String) -> JSON {
        ["result": .string(result), "status_msg": .string(message)]
    }

    private func enroll(_ name: String, message: String?, url: String?) -> JSON {
        let code = Identifier.make("", from: name)
        return [
            "result": "enroll", "status_msg": .string(message ?? "Enroll an authentication device to proceed"),
            "enroll_portal_url": .string(url ?? "https://\(apiHost)/portal?code=\(code)&akey=DASIMULATOR"),
        ]
    }

    private func devices(_ user: User, _ parameters: Parameters) -> JSON {
        var response: [String: JSON] = [
            "result": "auth", "status_msg": .string(user.statusMessage ?? "Account is active"),
            "devices": .array(user.devices.map { json($0, of: user) }),
        ]
        accounts[user.id]?.verifiedPush = nil
        if let code = user.verificationCode, parameters["client_supports_verified_push"] == "1" {
            let txid = Identifier.transaction()
            accounts[user.id, default: .init()].verifiedPush = VerifiedPushOffer(
                txid: txid, expiresAt: timeline.now() + Self.verifiedPushLife)
            response["txid"] = .string(txid)
            response["verification_code"] = .string(code)
            response["expiration"] = .int(now + Int(Self.verifiedPushLife.components.seconds))
        }
        return .object(response)
    }

    private func json(_ device: Device, of user: User) -> JSON {
        var json: [String: JSON] = [
            "device": .string(device.id), "type": .string(device.kind.rawValue),
            "display_name": .string(device.displayName), "name": .string(device.name),
        ]
        guard device.kind == .phone else { return .object(json) }
        json["number"] = .string(device.maskedNumber)
        json["capabilities"] = .array(device.capabilities.map { .string($0.rawValue) })
        if device.capabilities.contains(.sms), let next = account(user).smsPasscodes.first?.first {
            json["sms_nextcode"] = .string(String(next))
        }
        return .object(json)
    }
}
