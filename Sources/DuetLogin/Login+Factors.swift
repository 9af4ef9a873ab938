import DuetPolicy
import DuoAPI
import Secrets

/// One function a factor. Whatever goes wrong from here on is a denial.
extension Login {
    func push(_ device: Device) async -> Outcome {
        let choice = DeviceChoice.id(device.id)
        let details = PushDetails(info: pushInfo)
        return await approved(
            .push, announcing: LoginText.pushed,
            waiting: { () async throws(DuoError) in
                try await duo.push(facts, device: choice, details: details, deadline: remaining())
            },
            starting: { () async throws(DuoError) in
                try await duo.startPush(facts, device: choice, details: details, deadline: remaining())
            })
    }

    func call(_ device: Device) async -> Outcome {
        let choice = DeviceChoice.id(device.id)
        return await approved(
            .phone, announcing: LoginText.calling,
            waiting: { () async throws(DuoError) in
                try await duo.phone(facts, device: choice, deadline: remaining())
            },
            starting: { () async throws(DuoError) in
                try await duo.startPhone(facts, device: choice, deadline: remaining())
            })
    }

    /// Sends passcodes, then asks for one of them in the same login.
    func text(_ device: Device) async -> Outcome {
        do {
            switch try await duo.sms(facts, device: .id(device.id), deadline: remaining()) {
            case .deny(.sent, let message):
                conversation.show(LoginText.said(message, or: LoginText.smsSent), isError: false)
            case .deny(let status, let message):
                return denied(.sms, status, message)
            case .allow(_, _):
                // Duo never says so; sending a text message proves nothing.
                return Outcome(.deny(.duoError), factor: .sms, cause: "Duo answered an SMS request with allow")
            }
        } catch {
            return failed(.sms, error)
        }
        for _ in 0..<Self.answers {
            guard let answer = try? await conversation.ask(LoginText.smsPrompt) else {
                return Outcome(.deny(.noAnswer), factor: .sms)
            }
            if let passcode = FactorMenu.passcode(answer.filter { !$0.isWhitespace }) { return await check(passcode) }
        }
        conversation.show(LoginText.noAnswer, isError: true)
        return Outcome(.deny(.noAnswer), factor: .sms)
    }

    func check(_ passcode: Secret) async -> Outcome {
        do {
            switch try await duo.passcode(facts, passcode: passcode, deadline: remaining()) {
            case .allow(_, _):
                return Outcome(.allow(.duoAllow), factor: .passcode)
            case .deny(.lockedOut, let message):
                return denied(.passcode, .lockedOut, message)
            case .deny(_, let message):
                conversation.show(LoginText.said(message, or: LoginText.wrongPasscode), isError: true)
                return Outcome(.retry(.wrongPasscode), factor: .passcode)
            }
        } catch {
            return failed(.passcode, error)
        }
    }

    /// What the phone shows with a push: what is being approved.
    private var pushInfo: [PushDetails.Line] {
        var lines = [PushDetails.Line("Service", request.service), PushDetails.Line("Host", request.host)]
        if let address = request.address { lines.append(PushDetails.Line("From", address.description)) }
        lines.append(PushDetails.Line("Login", request.id))
        return lines
    }

    /// A push or a call: where the host can show progress, started and then followed step by step; elsewhere one call
    /// that waits, which saves a round trip.
    private func approved(
        _ factor: Factor, announcing announcement: String,
        waiting: () async throws(DuoError) -> AuthResult,
        starting: () async throws(DuoError) -> TransactionID
    ) async -> Outcome {
        do {
            guard conversation.showsProgress else {
                switch try await waiting() {
                case .allow(_, _): return Outcome(.allow(.duoAllow), factor: factor)
                case .deny(let status, let message): return denied(factor, status, message)
                }
            }
            let transaction = try await starting()
            conversation.show(announcement, isError: false)
            return try await followed(transaction, factor, shown: announcement)
        } catch {
            return failed(factor, error)
        }
    }

    private func followed(
        _ transaction: TransactionID, _ factor: Factor, shown announcement: String
    ) async throws(DuoError) -> Outcome {
        var shown = announcement
        // Each answer takes until something happens; the bound is for a server that answers at once for ever.
        for _ in 0..<Self.polls where remaining() > .zero {
            switch try await duo.authStatus(transaction, deadline: remaining()) {
            case .waiting(let status, let message):
                // The announcement has said so already.
                let isNews = status != .pushed && status != .calling && !message.isEmpty && message != shown
                if isNews { conversation.show(message, isError: false) }
                shown = message
            case .allow(_, _):
                return Outcome(.allow(.duoAllow), factor: factor)
            case .deny(let status, let message):
                return denied(factor, status, message)
            }
        }
        return Outcome(.deny(.timedOut), factor: factor)
    }

    private func denied(_ factor: Factor, _ status: LoginStatus, _ message: String) -> Outcome {
        let (reason, own) = Self.denial(status)
        conversation.show(LoginText.said(message, or: own), isError: true)
        return Outcome(.deny(reason), factor: factor)
    }

    private static func denial(_ status: LoginStatus) -> (DenyReason, String) {
        switch status {
        case .fraud: (.duoFraud, LoginText.fraud)
        case .timeout: (.duoTimeout, LoginText.timedOut)
        case .lockedOut: (.duoLockedOut, LoginText.lockedOut)
        case .deny, .calling, .answered, .pushed, .pushFailed, .sent, .allow, .bypass, .other:
            (.duoDeny, LoginText.denied)
        }
    }

    /// An error after preauth: a denial, whatever the fail mode says.
    private func failed(_ factor: Factor, _ error: DuoError) -> Outcome {
        conversation.show(LoginText.afterPreauth, isError: true)
        return Outcome(
            .deny(Self.reason(error)), factor: factor, cause: "\(error.code) \(error.explanation(host: duo.host))")
    }
}
