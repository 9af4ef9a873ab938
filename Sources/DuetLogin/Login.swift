package import DuetPolicy
package import DuoAPI
import Secrets

/// Carries one login from preauth to a decision. No sockets, no clock of its own; cancelled with its task.
///
/// What grants, and what may not:
/// 1. MUST allow only on Duo's `allow`, of preauth or of a factor, or by 2.
/// 2. MUST follow `fail = "open"` only for an error that `isUnreachable`, and only from preauth (or from the ping that
///    corrects the clock for it).
/// 3. MUST refuse every other error, whatever `fail` says, and every answer that is not understood.
/// 4. MUST start no second push or call within one login once one was started.
/// 5. MUST NOT send anything as a passcode that does not look like one.
/// Held by `LoginTests` and by Tests/EndToEnd.
package struct Login: Sendable {
    /// How long Duo may take to say who may log in with what. After it the fail mode decides.
    static let preauthTimeout = Duration.seconds(5)
    /// How often an answer that means nothing is asked again.
    static let answers = 3
    /// How often the state of one push or call is asked for.
    static let polls = 200

    let request: LoginRequest
    let requirement: Requirement
    let duo: AuthAPI
    let conversation: any Conversation
    /// What is left of the login's time.
    let remaining: @Sendable () -> Duration

    package init(
        request: LoginRequest, requirement: Requirement, duo: AuthAPI, conversation: any Conversation,
        remaining: @escaping @Sendable () -> Duration
    ) {
        self.request = request
        self.requirement = requirement
        self.duo = duo
        self.conversation = conversation
        self.remaining = remaining
    }

    package func decide() async -> Outcome {
        // No time left is no outage: only Duo's silence may lead to the fail mode.
        guard remaining() > .zero else { return Outcome(.deny(.timedOut)) }
        let preauth: PreauthResult
        do {
            preauth = try await askPreauth()
        } catch {
            return withoutPreauth(error)
        }
        var outcome = await afterPreauth(preauth)
        outcome.contact = .answered
        return outcome
    }

    private func afterPreauth(_ preauth: PreauthResult) async -> Outcome {
        switch preauth {
        case .allow:
            return Outcome(.allow(.duoBypass))
        case .deny(let message):
            conversation.show(LoginText.said(message, or: LoginText.denied), isError: true)
            return Outcome(.deny(.duoDeny))
        case .enroll(let message, let portal):
            conversation.show(LoginText.enroll(message, portal: portal ?? ""), isError: true)
            return Outcome(.deny(.duoEnroll))
        case .auth(let devices, _, _):
            return await withMenu(FactorMenu(devices: devices, factors: requirement.factors))
        }
    }

    /// A time stamp that Duo refuses means that this host's clock has moved since the last ping: asked once more, with
    /// Duo's own time.
    private func askPreauth() async throws(DuoError) -> PreauthResult {
        do {
            return try await duo.preauth(facts, deadline: min(Self.preauthTimeout, remaining()))
        } catch {
            guard error == .unauthorized(code: UnauthorizedCode.badTimestamp) else { throw error }
        }
        _ = try await duo.ping(deadline: min(Self.preauthTimeout, remaining()))
        // As in `decide`: no time left is no outage.
        guard remaining() > .zero else { throw .cancelled }
        return try await duo.preauth(facts, deadline: min(Self.preauthTimeout, remaining()))
    }

    var facts: LoginFacts {
        LoginFacts(user: .username(request.user), address: request.address?.description)
    }

    /// Preauth failed: the only place where the fail mode is looked at.
    private func withoutPreauth(_ error: DuoError) -> Outcome {
        let cause = "\(error.code) \(error.explanation(host: duo.host))"
        guard error.isUnreachable else {
            conversation.show(LoginText.trouble, isError: true)
            return Outcome(.deny(Self.reason(error)), cause: cause, contact: .failed)
        }
        switch requirement.fail {
        case .open:
            conversation.show(LoginText.unreachable(failOpen: true), isError: false)
            return Outcome(.allow(.failOpen), cause: cause, contact: .failed)
        case .closed:
            conversation.show(LoginText.unreachable(failOpen: false), isError: true)
            return Outcome(.deny(.duoUnreachable), cause: cause, contact: .failed)
        }
    }

    static func reason(_ error: DuoError) -> DenyReason {
        switch error {
        case .unreachable: .duoUnreachable
        case .certificate: .duoCertificate
        case .unauthorized, .forbidden: .duoUnauthorized
        case .rateLimited, .rejected, .malformed, .tooLarge, .invalidParameter, .cancelled, .shutDown, .local: .duoError
        }
    }

    /// Asks until an answer means something, and follows it.
    private func withMenu(_ menu: FactorMenu) async -> Outcome {
        guard !menu.isEmpty else {
            conversation.show(LoginText.noFactor, isError: true)
            return Outcome(.deny(.noFactor))
        }
        for _ in 0..<Self.answers {
            guard let answer = try? await conversation.ask(menu.prompt(user: request.user)) else {
                return Outcome(.deny(.noAnswer))
            }
            switch menu.choice(answer) {
            case .passcode(let passcode):
                return await check(passcode)
            case .option(let option):
                return await follow(option)
            case .unclear(let hint):
                conversation.show(hint, isError: true)
            }
        }
        conversation.show(LoginText.noAnswer, isError: true)
        return Outcome(.deny(.noAnswer))
    }

    private func follow(_ option: FactorMenu.Option) async -> Outcome {
        switch option.factor {
        case .push: await push(option.device)
        case .phone: await call(option.device)
        case .sms: await text(option.device)
        // The menu makes no option of passcodes; they are answers of their own.
        case .passcode: Outcome(.deny(.noFactor))
        }
    }
}
