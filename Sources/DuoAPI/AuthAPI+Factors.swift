package import Secrets

extension AuthAPI {
    /// Sends a push and waits until the user has decided (Duo gives up after 60 s).
    package func push(
        _ login: LoginFacts, device: DeviceChoice, details: PushDetails = PushDetails(), deadline: Duration
    ) async throws(DuoError) -> AuthResult {
        try await finish("push", login, details.parameters(device), deadline: deadline)
    }

    /// Sends a push; `authStatus` says how it goes.
    package func startPush(
        _ login: LoginFacts, device: DeviceChoice, details: PushDetails = PushDetails(), deadline: Duration
    ) async throws(DuoError) -> TransactionID {
        try await start("push", login, details.parameters(device), deadline: deadline)
    }

    /// Calls the user and waits until a key is pressed (Duo gives up after about a minute).
    package func phone(
        _ login: LoginFacts, device: DeviceChoice, deadline: Duration
    ) async throws(DuoError) -> AuthResult {
        try await finish("phone", login, device.parameters(), deadline: deadline)
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
        try await finish("sms", login, device.parameters(), deadline: deadline)
    }

    /// Checks a passcode of any kind: app, SMS, token, bypass code, YubiKey.
    package func passcode(
        _ login: LoginFacts, passcode: Secret, deadline: Duration
    ) async throws(DuoError) -> AuthResult {
        guard (1...256).contains(passcode.count), passcode.withBytes({ $0.allSatisfy { (0x21...0x7E).contains($0) } })
        else { throw .invalidParameter(name: "passcode", why: "it must be 1 to 256 visible ASCII characters") }
        var parameters = Parameters()
        parameters.add("passcode", secret: passcode)
        return try await finish("passcode", login, parameters, deadline: deadline)
    }

    private func finish(
        _ factor: String, _ login: LoginFacts, _ own: Parameters, deadline: Duration
    ) async throws(DuoError) -> AuthResult {
        let parameters = try login.parameters().merging(own).merging(Parameters([("factor", factor)]))
        let answer = try await call(.post, "auth", parameters, deadline: deadline, delivery: .once)
        return AuthResult(try answer.decode(AuthAnswer.self))
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
