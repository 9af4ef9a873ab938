package import DuetPolicy
import DuoAPI

/// Carries one login from preauth to a decision. No sockets, no clock of its own; cancelled with its task. It needs no
/// task while the person is at the menu, and a fresh one while they look for their phone: `Advance`.
///
/// What grants, and what may not:
/// 1. MUST allow only on Duo's `allow`, of preauth or of a factor, on an earlier one that `DecisionStore` finds, or by 2.
/// 2. MUST follow `fail = "open"` only for an error that `isUnreachable`, and only from the first preauth (or from the
///    ping that corrects the clock for it).
/// 3. MUST refuse every other error, whatever `fail` says, and every answer that is not understood.
/// 4. MUST NOT push, call or send an SMS to anybody whom `PushBudget` has not charged for it, nor the same one to one device
///    twice within one login, nor push or call with less than 65 s left, nor let the host ask again once a push or call was started.
/// 5. MUST NOT send anything as a passcode that does not look like one.
/// 6. MUST end with the person's own "deny" or "fraud" on the phone: no other factor may follow it.
/// Held by `LoginTests`, `AutopushTests`, `VerifiedPushTests` and Tests/EndToEnd.
package final class Login: Sendable {
    /// How often the state of one push or call is asked for.
    static let polls = 200
    /// What a login needs to say how it ended.
    static let farewell = Duration.seconds(1)

    package let request: LoginRequest
    let requirement: Requirement
    let application: DuoApplication
    let memory: LoginMemory
    let conversation: any Conversation
    /// Told what the login waits for, each time that changes.
    let stage: @Sendable (LoginStage) -> Void
    /// What is left of the login's time.
    let remaining: @Sendable () -> Duration

    package init(
        request: LoginRequest, requirement: Requirement, application: DuoApplication, memory: LoginMemory,
        conversation: any Conversation,
        stage: @escaping @Sendable (LoginStage) -> Void = { _ in },
        remaining: @escaping @Sendable () -> Duration
    ) {
        self.request = request
        self.requirement = requirement
        self.application = application
        self.memory = memory
        self.conversation = conversation
        self.stage = stage
        self.remaining = remaining
    }

    var duo: AuthAPI { application.api }

    /// What Duo gets of what is left: less than all, so that a login that fails can still say why.
    var patience: Duration { max(.zero, remaining() - Self.farewell) }

    /// From preauth to the first question to the person, or to the end.
    package func begin(_ earlier: Earlier) async -> Advance {
        // No time left is no outage: only Duo's silence may lead to the fail mode.
        guard patience > .zero else { return .decided(Outcome(.deny(.timedOut))) }
        if let outcome = Self.remembered(earlier.lookUpKeys, in: memory.store, factors: requirement.factors) {
            return .decided(outcome)
        }
        let before = remaining()
        do {
            let preauth = try await preauth(earlier)
            let basis = Basis(preauth, took: before - remaining())
            return finished(await afterPreauth(preauth.result, basis, mayEnroll: true), basis)
        } catch {
            let outcome = withoutPreauth(error)
            settle(nil, outcome)
            return .decided(outcome)
        }
    }

    /// Follows the person's answer, to the next question or to the end.
    package func goOn(_ course: Course, answer: String) async -> Advance {
        finished(await answered(course, answer), course.basis)
    }

    /// Sends a push or a call, waits for its end and follows that, to the next question or to the end.
    package func goOn(_ course: Course, sending approval: Approval) async -> Advance {
        var course = course
        let step = await send(approval, &course)
        return finished(await take(step, course), course.basis)
    }

    /// The end of a login that does not go on from here.
    package func left(_ course: Course) -> Outcome { finished(course.last, course.basis) }

    private func finished(_ advance: Advance, _ basis: Basis) -> Advance {
        switch advance {
        case .decided(let outcome): .decided(finished(outcome, basis))
        case .asks, .sends: advance
        }
    }

    private func finished(_ outcome: Outcome, _ basis: Basis) -> Outcome {
        var outcome = remember(outcome)
        settle(basis.keepable, outcome)
        outcome.facts.contact = contact(outcome, basis)
        if let time = basis.preauthTime { outcome.facts.preauthTime = time }
        return outcome
    }

    /// By an earlier login's answer nobody has heard from Duo before a factor was tried.
    private func contact(_ outcome: Outcome, _ basis: Basis) -> Outcome.Contact {
        guard basis.isKept else { return .answered }
        if outcome.decision == .deny(.duoUnreachable) { return .failed }
        return outcome.facts.factor == nil ? .notAsked : .answered
    }

    @inline(never)
    private func afterPreauth(_ preauth: PreauthResult, _ basis: Basis, mayEnroll: Bool) async -> Advance {
        switch preauth {
        case .auth(let devices, _, let verified):
            let challenge = Challenge(
                devices: devices, verified: verified, remaining: remaining(), isKept: basis.isKept)
            return await start(Course(challenge, basis, prompts: requirement.prompts))
        case .enroll(let message, let portal):
            guard mayEnroll, let preauth = await enrolled(message, portal: portal) else {
                conversation.show(LoginText.notEnrolled, isError: true)
                return .decided(Outcome(.deny(.duoEnroll)))
            }
            return await afterPreauth(preauth, basis, mayEnroll: false)
        case .allow, .deny:
            return .decided(final(preauth))
        }
    }

    /// The answers that ask nothing more of the person.
    func final(_ preauth: PreauthResult) -> Outcome {
        switch preauth {
        case .allow:
            return Outcome(.allow(.duoBypass))
        case .deny(let message):
            conversation.show(LoginText.said(message, or: LoginText.denied), isError: true)
            return Outcome(.deny(.duoDeny))
        case .enroll, .auth:
            // Both were answered differently a moment ago; what has changed is for the next login to find out.
            conversation.show(LoginText.afterPreauth, isError: true)
            return Outcome(.deny(.duoError), cause: "Duo changed its answer within the login")
        }
    }

    /// Preauth failed: the only place where the fail mode is looked at.
    private func withoutPreauth(_ error: DuoError) -> Outcome {
        let cause = error.report(host: duo.host)
        guard error.isUnreachable else {
            conversation.show(LoginText.trouble(error), isError: true)
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
}
