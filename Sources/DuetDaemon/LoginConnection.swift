import DuetLogin
import DuetWire
import Synchronization

/// The module's end of one login: the socket as a conversation, and what may interrupt it.
final class LoginConnection: Sendable {
    /// Why a login ends before it is decided.
    enum Interruption: Sendable {
        /// The peer hung up: Ctrl-C, a dropped client, the module's own deadline.
        case abandoned
        /// The peer sent what docs/protocol.md does not permit.
        case malformed
        /// Its time is over.
        case timedOut
        /// The daemon is being stopped.
        case stopping
        /// An administrator ends this login.
        case cancelled(by: String)
    }

    /// Hears what the person has said; nil when the login is interrupted before they do. Once, on the loop's thread.
    typealias Answered = @Sendable (String?) -> Void

    /// Of the login: the journal, syslog and Duo's push share it.
    let id = LoginID.random()
    let start = ContinuousClock.now
    let begin: Begin
    private let number: UInt64
    private let socket: PeerSocket
    private let loop: LoginLoop
    private let state = Mutex(State())

    private struct State {
        /// The first counts.
        var interruption: Interruption?
        /// It is decided: nothing interrupts it any more.
        var isSettled = false
        var task: InterruptibleTask?
        var deadline: ContinuousClock.Instant?
        var prompts: UInt32 = 0
        /// Hears the answer to the last prompt.
        var answered: Answered?
    }

    /// `number` is the peer's in `LoginPeers`.
    init(begin: Begin, number: UInt64, socket: PeerSocket, loop: LoginLoop) {
        self.begin = begin
        self.number = number
        self.socket = socket
        self.loop = loop
    }

    /// Ends the login before it is decided, from any thread. What comes after the first, or after the decision, changes
    /// nothing.
    func interrupt(_ reason: Interruption) {
        let isWaiting = state.withLock { state in
            guard state.interruption == nil, !state.isSettled else { return false }
            state.interruption = reason
            return state.task != nil || state.answered != nil
        }
        guard isWaiting else { return }
        if loop.isCurrent { cancel() } else { loop.execute { [self] _ in cancel() } }
    }

    /// What has interrupted it so far.
    var interruption: Interruption? { state.withLock { $0.interruption } }

    /// What has interrupted it; from now on nothing does.
    func settle() -> Interruption? {
        state.withLock { state in
            state.isSettled = true
            return state.interruption
        }
    }

    /// Runs `body` in a task that `interrupt` cancels. On the loop's thread.
    func interruptible<Value: Sendable>(_ body: @Sendable () async -> Value) async -> Value {
        await withUnsafeCurrentTask { task in
            assert(loop.isCurrent, "a login's task runs on the loop's thread")
            let isInterrupted = state.withLock { state in
                state.task = task.map { InterruptibleTask($0) }
                return state.interruption != nil
            }
            if isInterrupted { cancel() }
            let value = await body()
            assert(loop.isCurrent, "a login's task runs on the loop's thread")
            state.withLock { $0.task = nil }
            return value
        }
    }

    private func cancel() {
        let (task, answered) = state.withLock { state in
            defer { state.answered = nil }
            return (state.task, state.answered)
        }
        task?.cancel()
        answered?(nil)
    }

    /// When its time is over.
    var deadline: ContinuousClock.Instant? { state.withLock { $0.deadline } }

    /// Ends its time at `deadline`, if it does not end before.
    func limit(to deadline: ContinuousClock.Instant) {
        state.withLock { state in state.deadline = min(state.deadline ?? deadline, deadline) }
        loop.execute { $0.look(by: deadline) }
    }

    /// An ANSWER has come. False when no prompt with that number is open: the peer is malformed.
    func receive(answer: String, to prompt: UInt32) -> Bool {
        let answered = state.withLock { state -> Answered? in
            guard state.prompts == prompt else { return nil }
            defer { state.answered = nil }
            return state.answered
        }
        answered?(answer)
        return answered != nil
    }

    /// Asks with echo on. Nobody waits meanwhile: the answer begins what follows.
    func ask(_ text: String, answered: @escaping Answered) {
        let number = state.withLock { state -> UInt32? in
            guard state.interruption == nil else { return nil }
            state.prompts += 1
            state.answered = answered
            return state.prompts
        }
        guard let number else { return answered(nil) }
        send(.prompt(number: number, echo: true, text: TextRule.message.fitting(text)))
    }

    /// Sends the verdict, then hangs up. Nothing is sent after it.
    func finish(_ verdict: Verdict) {
        send(.verdict(verdict))
        socket.close()
    }

    func hangUp() {
        socket.close()
    }

    /// Takes it out of the loop. For a login that had to wait: one that is decided at once was never in it.
    func leave() {
        loop.execute { [number] in $0.forget(number) }
    }

    func send(_ message: DaemonMessage) {
        // What cannot be encoded is not sent: texts are fitted before.
        guard let bytes = try? message.frame().bytes else { return }
        socket.send(bytes)
    }
}

extension LoginConnection: Conversation {
    /// sshd keeps information back until the next prompt or the end (before 10.3), PAM_SILENT asks for none.
    var showsProgress: Bool { !begin.silent && begin.sshConnection == nil }

    var columns: Int? { begin.session.columns.map(Int.init) }

    func show(_ text: String, isError: Bool) {
        let fitted = TextRule.message.fitting(text)
        if !fitted.isEmpty { send(.show(isError ? .error : .information, fitted)) }
    }

    func ask(_ text: String) async throws -> String {
        let answer = FirstResult<String>()
        return try await answer.value {
            ask(text) { answer.settle($0.map { .success($0) } ?? .failure(CancellationError())) }
        }
    }
}
