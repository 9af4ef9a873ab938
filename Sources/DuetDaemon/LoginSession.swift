import DuetLogin
import DuetMemory
import DuetPolicy
import DuetWire

/// Carries logins on their connections from BEGIN to the verdict, and writes their audit records.
///
/// What may happen to one, whichever comes first: it is decided, the peer hangs up, its time is over, the daemon stops. One that
/// waits for a name service, for Duo or for a phone is a task. One that waits at the menu is none: the answer begins the next,
/// and what interrupts it ends it at once.
/// 1. A login that needs nobody MUST be decided before anything else is looked at, and one that has to wait by the same
///    `LoginDecider.judge`.
/// 2. Limits, counters, history and audit record MUST be the same for both.
/// Held by `LoginServerTests`, `QuickLoginTests` and `MenuTests`.
final class LoginSession: Sendable {
    /// How much sooner than the module the daemon gives up, so that the verdict still arrives.
    private static let margin = Duration.seconds(2)

    let governor: Governor
    let means: LoginMeans
    let registry: LoginRegistry
    let history: LoginHistory
    let today: Today
    let trail: AuditLog

    init(
        governor: Governor, means: LoginMeans, registry: LoginRegistry, history: LoginHistory, today: Today,
        trail: AuditLog
    ) {
        self.governor = governor
        self.means = means
        self.registry = registry
        self.history = history
        self.today = today
        self.trail = trail
    }

    /// Decides a login that needs nobody, and has `resume` serve one that has to wait; false: no login is served any more. On the
    /// loop's thread.
    func open(_ connection: LoginConnection, _ resume: (PendingLogin) -> Bool) {
        switch registry.admission(of: LoginRegistry.Origin(connection.begin)) {
        case .welcome: break
        case .stopping: connection.interrupt(.stopping)
        case .full:
            connection.show(DaemonText.tooMany, isError: true)
            return end(connection, .decided(Outcome(.deny(.tooManyLogins))))
        }
        if let interruption = connection.interruption {
            return end(connection, .interrupted(interruption))
        }
        let decider = decider(connection)
        switch decider.judge(DirectoryAnswers()) {
        case .decided(let outcome):
            end(connection, .decided(outcome))
        case .needs(let need):
            registry.enter(connection)
            connection.limit(to: decider.deadline)
            goOn(PendingLogin(connection: connection, need: waits(need, decider)), resume)
        }
    }

    private func waits(_ need: LoginDecider.Need, _ decider: LoginDecider) -> PendingLogin.Need {
        switch need {
        case .directory(let missing): .directory(decider, missing)
        case .person(let question, let earlier): .person(question, earlier)
        }
    }

    /// Does what there is to do for a login now. `resume` has it served again when there is more, as in `open`.
    func serve(_ pending: PendingLogin, _ resume: @escaping @Sendable (PendingLogin) -> Bool) async {
        // Nobody is charged for a push that will not be sent.
        guard pending.connection.interruption == nil else { return end(pending.connection, pending.left) }
        let halt = await pending.connection.interruptible { await run(pending) }
        follow(halt, pending.connection, resume)
    }

    /// Where a task of a login ends.
    private indirect enum Halt: Sendable {
        case decided(Outcome)
        case asks(String, Question, Course)
        case goesOn(PendingLogin.Need)
    }

    private func run(_ pending: PendingLogin) async -> Halt {
        switch pending.need {
        case .directory(let decider, let missing):
            switch await decider.judge(finding: missing) {
            case .decided(let outcome): .decided(outcome)
            case .needs(.person(let question, let earlier)): .goesOn(.person(question, earlier))
            case .needs(.directory): .decided(Outcome(.deny(.directoryFailed)))
            }
        case .person(let question, let earlier):
            halt(pending, question, await question.begin(earlier))
        case .answer(let question, let course, let answer):
            halt(pending, question, await question.goOn(course, answer: answer))
        case .sending(let question, let course, let approval):
            halt(pending, question, await question.goOn(course, sending: approval))
        }
    }

    private func halt(_ pending: PendingLogin, _ question: Question, _ advance: Advance) -> Halt {
        switch advance {
        case .decided(let outcome):
            // Of a login that was interrupted it says how it was interrupted, and nothing of Duo.
            if pending.connection.interruption == nil { question.contact.record(outcome) }
            return .decided(outcome)
        case .asks(let text, let course): return .asks(text, question, course)
        case .sends(let approval, let course): return .goesOn(.sending(question, course, approval))
        }
    }

    private func follow(
        _ halt: Halt, _ connection: LoginConnection, _ resume: @escaping @Sendable (PendingLogin) -> Bool
    ) {
        switch halt {
        case .decided(let outcome):
            end(connection, outcome)
        case .goesOn(let need):
            goOn(PendingLogin(connection: connection, need: need), resume)
        case .asks(let text, let question, let course):
            connection.ask(text) { [self] answer in
                guard let answer else { return end(connection, question.left(course)) }
                goOn(PendingLogin(connection: connection, need: .answer(question, course, answer)), resume)
            }
        }
    }

    private func goOn(_ pending: PendingLogin, _ resume: (PendingLogin) -> Bool) {
        if resume(pending) { return }
        pending.connection.interrupt(.stopping)
        end(pending.connection, pending.left)
    }

    private func decider(_ connection: LoginConnection) -> LoginDecider {
        let longest = Requirement.timeouts.upperBound
        let timeout = max(.zero, min(longest, connection.begin.timeout - Self.margin))
        let id = connection.id
        return LoginDecider(
            readiness: governor.readiness, means: means, connection: connection,
            deadline: connection.start + timeout, metrics: trail.metrics
        ) { [registry] in
            registry.move(id, to: $0)
        }
    }
}
