import DuetMemory
import DuetPolicy
import DuoAPI
import Secrets

/// One function a factor. Whatever goes wrong from here on is a denial.
extension Login {
    func push(_ option: FactorMenu.Option, _ manner: Approval.Manner, _ verified: VerifiedPush?) -> Approval {
        let choice = DeviceChoice.id(option.device.id)
        let details = pushDetails(verified: verified?.transaction)
        return Approval(
            factor: .push,
            // A code has to be in a prompt: sshd before 10.3 keeps information back, and sudo asks for none.
            manner: verified == nil ? manner : .atPrompt, stage: .push(device: LoginText.name(option.device)),
            announcement: LoginText.pushed(option.device),
            prompt: LoginText.pushPrompt(option.device, code: verified?.code),
            // A code is this login's own.
            flight: verified == nil ? flight(.push, option.device, details) : nil,
            waiting: { [self] () async throws(DuoError) in
                try await duo.push(facts, device: choice, details: details, deadline: patience)
            },
            starting: { [self] () async throws(DuoError) in
                try await duo.startPush(facts, device: choice, details: details, deadline: patience)
            })
    }

    func call(_ option: FactorMenu.Option, _ manner: Approval.Manner) -> Approval {
        let choice = DeviceChoice.id(option.device.id)
        return Approval(
            factor: .phone, manner: manner, stage: .phone(device: LoginText.name(option.device)),
            announcement: LoginText.calling(option.device),
            prompt: LoginText.callPrompt(option.device),
            flight: flight(.phone, option.device, pushDetails(verified: nil)),
            waiting: { [self] () async throws(DuoError) in
                try await duo.phone(facts, device: choice, deadline: patience)
            },
            starting: { [self] () async throws(DuoError) in
                try await duo.startPhone(facts, device: choice, deadline: patience)
            })
    }

    /// Sends passcodes; the next prompt asks for one of them.
    func text(_ option: FactorMenu.Option, _ course: inout Course) async -> Step {
        if let stop = memory.budget.chargeText(memory.person) {
            course.textStop = stop
            conversation.show(LoginText.stopped(stop), isError: true)
            course.prompts = max(1, course.prompts)
            return .next(Outcome(.deny(.pushLimit), factor: .sms, cause: LoginText.stopped(stop)))
        }
        course.use(option)
        stage(.sms(device: LoginText.name(option.device)))
        do {
            switch try await duo.sms(facts, device: .id(option.device.id), deadline: patience) {
            case .deny(.sent, let message):
                conversation.show(LoginText.said(message, or: LoginText.smsSent), isError: false)
                // What follows is an answer to this attempt, not an attempt of its own.
                course.prompts = max(1, course.prompts)
                return .next(
                    Outcome(.deny(.noAnswer), factor: .sms), prompt: LoginText.smsPrompt(option.device.smsNextCode))
            case .deny(let status, let message):
                return denied(.sms, status, message)
            case .allow(_, _):
                // Duo never says so; sending a text message proves nothing.
                return .end(Outcome(.deny(.duoError), factor: .sms, cause: "Duo answered an SMS request with allow"))
            }
        } catch {
            return ended(.sms, error)
        }
    }

    func check(_ passcode: Secret) async -> Step {
        stage(.passcode)
        do {
            switch try await duo.passcode(facts, passcode: passcode, deadline: patience) {
            case .allow(.bypass, _):
                return .end(Outcome(.allow(.bypassCode), factor: .passcode))
            case .allow(_, _):
                return .end(Outcome(.allow(.duoAllow), factor: .passcode))
            case .deny(.lockedOut, let message):
                return denied(.passcode, .lockedOut, message)
            case .deny(_, let message):
                conversation.show(LoginText.said(message, or: LoginText.wrongPasscode), isError: true)
                return .next(Outcome(.retry(.wrongPasscode), factor: .passcode))
            }
        } catch {
            return ended(.passcode, error)
        }
    }

    /// Duo said no. The person's own no ends the login; what merely failed leaves the other factors open.
    func denied(_ factor: Factor, _ status: LoginStatus, _ message: String) -> Step {
        let (reason, own) = Self.denial(status)
        conversation.show(LoginText.said(message, or: own), isError: true)
        var outcome = Outcome(.deny(reason), factor: factor)
        outcome.facts.cause = Self.oddity(status)
        switch status {
        case .timeout, .pushFailed: return .next(outcome)
        case .fraud, .deny, .lockedOut, .calling, .answered, .pushed, .sent, .allow, .bypass, .other:
            return .end(outcome)
        }
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

    /// A denial that is none of Duo's own: nobody should have to guess why.
    private static func oddity(_ status: LoginStatus) -> String? {
        switch status {
        case .deny, .fraud, .timeout, .lockedOut: nil
        case .calling, .answered, .pushed, .pushFailed, .sent, .allow, .bypass, .other:
            "Duo's answer is not one that lets in: status \"\(status.word)\""
        }
    }

    /// An error after preauth: this attempt is denied, whatever the fail mode says; another factor may follow where
    /// the error says nothing about who answered.
    func ended(_ factor: Factor, _ error: DuoError) -> Step {
        let outcome = failed(factor, error)
        switch error {
        case .unreachable, .rateLimited, .rejected, .malformed, .tooLarge, .invalidParameter: return .next(outcome)
        case .certificate, .unauthorized, .forbidden, .cancelled, .shutDown, .local: return .end(outcome)
        }
    }

    func failed(_ factor: Factor?, _ error: DuoError) -> Outcome {
        conversation.show(LoginText.afterPreauth, isError: true)
        return Outcome(
            .deny(Self.reason(error)), factor: factor, cause: error.report(host: duo.host))
    }
}
