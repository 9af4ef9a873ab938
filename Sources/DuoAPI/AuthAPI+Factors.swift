package import Secrets

/// With a `trustedDevice`, an allow may bring a new token for it.
extension AuthAPI {
    /// Lets Duo choose between push and phone call and waits until the user has decided. What a push could show is not
    /// sent: Duo documents it for the push alone.
    package func auto(
        _ login: LoginFacts, device: DeviceChoice = .auto, trustedDevice: TrustedDevice? = nil, deadline: Duration
    ) async throws(DuoError) -> AuthResult {
        try await finish("auto", login, device.parameters(), trustedDevice, deadline: deadline)
    }

    /// Sends a push and waits until the user has decided (Duo gives up after 60 s).
    package func push(
        _ login: LoginFacts, device: DeviceChoice, details: PushDetails = PushDetails(),
        trustedDevice: TrustedDevice? = nil, deadline: Duration
    ) async throws(DuoError) -> AuthResult {
        try await finish("push", login, details.parameters(device), trustedDevice, deadline: deadline)
    }

    /// Sends a push; `authStatus` says how it goes.
    package func startPush(
        _ login: LoginFacts, device: DeviceChoice, details: PushDetails = PushDetails(), deadline: Duration
    ) async throws(DuoError) -> TransactionID {
        try await start("push", login, details.parameters(device), deadline: deadline)
    }

    /// Calls the user and waits until a key is pressed (Duo gives up after about a minute).
    package func phone(
        _ login: LoginFacts, device: DeviceChoice, trustedDevice: TrustedDevice? = nil, deadline: Duration
    ) async throws(DuoError) -> AuthResult {
        try await finish("phone", login, device.parameters(), trustedDevice, deadline: deadline)
    }

    /// Calls the user; `authStatus` says how it goes.
    package func startPhone(
        _ login: LoginFacts, device: DeviceChoice, deadline: Duration
    ) async throws(DuoError) -> TransactionID {
        try await start("phone", login, device.parameters(), deadline: deadline)
    }

    /// Sends passcodes by SMS. Success is `.deny(.sent, …)`: no login yet, the user comes back with a passcode.
    package func sms(
        _ login: LoginFacts, device: DeviceChoice, deadline: Duration
    ) async throws(DuoError) -> AuthResult {
        try await finish("sms", login, device.parameters(), nil, deadline: deadline)
    }

    /// Checks a passcode of any kind: app, SMS, token, bypass code, YubiKey.
    package func passcode(
        _ login: LoginFacts, passcode: Secret, trustedDevice: TrustedDevice? = nil, deadline: Duration
    ) async throws(DuoError) -> AuthResult {
        guard passcode.isVisibleASCII(upTo: 256) else {
            throw .invalidParameter(name: "passcode", why: "it must be 1 to 256 visible ASCII characters")
        }
        var parameters = Parameters()
        parameters.add("passcode", secret: passcode)
        return try await finish("passcode", login, parameters, trustedDevice, deadline: deadline)
    }

    private func finish(
        _ factor: String, _ login: LoginFacts, _ own: Parameters, _ trustedDevice: TrustedDevice?, deadline: Duration
    ) async throws(DuoError) -> AuthResult {
        let parameters = try login.parameters().merging(own).merging(Parameters([("factor", factor)]))
        let answer = try await call(.post, "auth", parameters, deadline: deadline, delivery: .once)
        let decided = try answer.decode(AuthAnswer.self)
        let result = AuthResult(decided)
        if case .allow = result { trustedDevice?.keep(decided.trusted_device_token) }
        return result
    }

    private func start(
        _ factor: String, _ login: LoginFacts, _ own: Parameters, deadline: Duration
    ) async throws(DuoError) -> TransactionID {
        let parameters = try login.parameters().merging(own).merging(Parameters([("factor", factor), ("async", "1")]))
        let answer = try await call(.post, "auth", parameters, deadline: deadline, delivery: .once)
        guard let transaction = TransactionID(try answer.decode(TransactionAnswer.self).txid) else {
            throw .malformed(what: "the transaction id is not one")
        }
        return transaction
    }
}
