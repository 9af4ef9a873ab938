/// POST /auth/v2/auth
extension Cloud {
    static let authRules = ParameterRules(
        [
            "username": .text, "user_id": .text, "factor": .oneOf(["auto", "push", "passcode", "sms", "phone"]),
            "ipaddr": .address, "hostname": .text, "async": .flag, "device": .text, "passcode": .text, "type": .text,
            "display_username": .text, "pushinfo": .pairs(below: 20_000), "txid": .text,
        ], required: ["factor"])

    func auth(_ parameters: Parameters) throws(APIFailure) -> Endpoint.Outcome {
        let named = try user(parameters)
        let factor = parameters["factor"] ?? ""
        try checkCombination(factor, parameters)
        guard let user = named else { throw .invalid("username") }
        if let refusal = refusal(user) { return try finished(refusal, user, factor, nil, parameters) }
        switch factor {
        case "passcode":
            let passcode = parameters["passcode"] ?? ""
            let step = accounts[user.id, default: .init()].use(passcode, of: user) ?? .wrongPasscode
            return try finished(charged(step, to: user), user, factor, nil, parameters)
        case "sms":
            let device = try device(user, parameters, capable: [.sms])
            accounts[user.id, default: .init()].sendSMS(count: directory.smsBatch)
            return try finished(.smsSent, user, factor, device, parameters)
        case "phone":
            return try call(user, try device(user, parameters, capable: [.phone]), parameters)
        case "push":
            return try push(user, try device(user, parameters, capable: [.push]), parameters)
        default:
            let device = try device(user, parameters, capable: [.push, .phone], automatic: true)
            guard device.capabilities.contains(.push) else { return try call(user, device, parameters) }
            return try push(user, device, parameters)
        }
    }

    /// Which parameters go with which factor.
    private func checkCombination(_ factor: String, _ parameters: Parameters) throws(APIFailure) {
        if factor == "passcode" {
            guard parameters["passcode"] != nil else { throw .missing("passcode") }
            guard parameters["device"] == nil else { throw .invalid("device and passcode are mutually exclusive") }
        } else {
            guard parameters["device"] != nil else { throw .missing("device") }
            guard parameters["passcode"] == nil else { throw .invalid("passcode") }
        }
        for name in ["type", "display_username", "pushinfo"] where factor != "push" {
            guard parameters[name] == nil else { throw .invalid(name) }
        }
        guard factor == "push" || parameters["txid"] == nil else { throw .invalid("txid") }
    }

    /// What happens to a user for whom no factor is asked at all.
    private func refusal(_ user: User) -> TransactionStep? {
        if account(user).isLocked { return .lockedOut }
        switch user.preauth {
        case .auth, .other: return nil
        case .allow: return .bypassed
        case .deny: return .denied("deny", user.statusMessage ?? "Your account is disabled")
        case .enroll: return .denied("deny", user.statusMessage ?? "Enroll an authentication device to proceed")
        }
    }

    private func device(
        _ user: User, _ parameters: Parameters, capable: [Device.Capability], automatic: Bool = false
    ) throws(APIFailure) -> Device {
        let wanted = parameters["device"] ?? ""
        func fits(_ device: Device, _ capability: Device.Capability) -> Bool {
            device.capabilities.contains(capability) && (!automatic || device.capabilities.contains(.auto))
        }
        guard wanted == "auto" else {
            guard let device = user.devices.first(where: { $0.id == wanted }),
                capable.contains(where: { fits(device, $0) })
            else { throw .invalid("device") }
            return device
        }
        for capability in capable {
            if let device = user.devices.first(where: { fits($0, capability) }) { return device }
        }
        throw .invalid("no capable device")
    }

    private func push(_ user: User, _ device: Device, _ parameters: Parameters) throws(APIFailure) -> Endpoint.Outcome {
        let code = try verificationCode(user, parameters)
        var transaction = Transaction(
            txid: Identifier.transaction(), user: user, factor: "push", device: device, parameters: parameters,
            verificationCode: code)
        if user.pushFails {
            transaction.append(.waiting("push_failed", "The login request could not be pushed to your device."))
        } else if let code {
            transaction.append(.waiting("pushed", "Please enter verification code \(code) into Duo Mobile..."))
        } else {
            transaction.append(.waiting("pushed", "Pushed a login request to your device..."))
        }
        return try begin(transaction)
    }

    /// 1. A txid MUST be the one of the latest preauth, MUST NOT be expired and is good for one push.
    /// 2. After a preauth that gave one, and until the next preauth, a push without it MUST be refused.
    private func verificationCode(_ user: User, _ parameters: Parameters) throws(APIFailure) -> String? {
        switch (parameters["txid"], account(user).verifiedPush) {
        case (nil, nil): return nil
        case (nil, .some): throw .invalid("txid: this user needs a verified push")
        case (let txid?, let offer):
            guard let offer, txid == offer.txid, !offer.isUsed, timeline.now() < offer.expiresAt else {
                throw .invalid("txid")
            }
            accounts[user.id]?.verifiedPush?.isUsed = true
            return user.verificationCode
        }
    }

    private func call(_ user: User, _ device: Device, _ parameters: Parameters) throws(APIFailure) -> Endpoint.Outcome {
        var transaction = Transaction(
            txid: Identifier.transaction(), user: user, factor: "phone", device: device, parameters: parameters,
            verificationCode: nil)
        transaction.append(.waiting("calling", "Dialing \(device.maskedNumber)..."))
        transaction.append(.waiting("answered", "Answered. Press any key on your phone to log in."))
        return try begin(transaction)
    }

    /// A transaction that a person (or the user's `auto`) will answer.
    private func begin(_ begun: Transaction) throws(APIFailure) -> Endpoint.Outcome {
        var transaction = begun
        let now = timeline.now()
        transaction.expiresAt = now + pushTimeout
        if let own = transaction.user.auto {
            transaction.automatic = own == .ignore ? nil : (now + (auto?.after ?? .zero), own)
        } else if let auto {
            transaction.automatic = (now + auto.after, .answer(auto.answer))
        }
        try start(transaction)
        settle()
        return outcome(transaction)
    }

    /// A transaction that is decided at once.
    private func finished(
        _ step: TransactionStep, _ user: User, _ factor: String, _ device: Device?, _ parameters: Parameters
    ) throws(APIFailure) -> Endpoint.Outcome {
        var transaction = Transaction(
            txid: Identifier.transaction(), user: user, factor: factor, device: device, parameters: parameters,
            verificationCode: nil)
        transaction.append(step)
        try start(transaction)
        return outcome(transaction)
    }

    private func outcome(_ transaction: Transaction) -> Endpoint.Outcome {
        guard !transaction.isAsync else { return .answer(["txid": .string(transaction.txid)]) }
        return .hold(txid: transaction.txid) { $0.outcome }
    }
}
