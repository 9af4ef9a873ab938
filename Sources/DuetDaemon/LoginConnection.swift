import DuetLogin
import DuetWire
import NIOCore
import Synchronization

/// The module's end of one login: the socket as a conversation, and what may interrupt it.
final class LoginConnection: Sendable {
    /// Why a login ends before it is decided.
    enum Interruption: Sendable {
        /// The peer hung up: Ctrl-C, a dropped client, the module's own deadline.
        case abandoned
        /// The peer sent what docs/protocol.md does not permit.
        case malformed
        /// The daemon is being stopped.
        case stopping
        /// An administrator ends this login.
        case cancelled(by: String)
    }

    let begin: Begin
    let interruptions: AsyncStream<Interruption>
    private let interrupted: AsyncStream<Interruption>.Continuation
    private let channel: any Channel
    private let prompts = Mutex(Prompts())

    private struct Prompts {
        var count: UInt32 = 0
        var open: FirstResult<String>?
    }

    init(begin: Begin, channel: any Channel) {
        self.begin = begin
        self.channel = channel
        (interruptions, interrupted) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    func interrupt(_ reason: Interruption) {
        interrupted.yield(reason)
        interrupted.finish()
    }

    /// An ANSWER has come. False when no prompt with that number is open: the peer is malformed.
    func receive(answer: String, to prompt: UInt32) -> Bool {
        let open = prompts.withLock { prompts -> FirstResult<String>? in
            guard prompts.count == prompt, let open = prompts.open else { return nil }
            prompts.open = nil
            return open
        }
        open?.settle(.success(answer))
        return open != nil
    }

    /// Sends the verdict, then hangs up. Nothing is sent after it.
    func finish(_ verdict: Verdict) {
        send(.verdict(verdict)).whenComplete { [channel] _ in channel.close(promise: nil) }
    }

    /// Returns after `time`, or when the task is cancelled. A timer of the event loop costs less than `Task.sleep`, whose
    /// timers wake a thread of their own.
    func sleep(for time: Duration) async {
        let end = FirstResult<Void>()
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(time)) { end.settle(.success(())) }
        try? await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { end.wait($0) }
        } onCancel: {
            timer.cancel()
            end.settle(.failure(CancellationError()))
        }
    }

    func hangUp() {
        channel.close(promise: nil)
    }

    @discardableResult
    func send(_ message: DaemonMessage) -> EventLoopFuture<Void> {
        do {
            return channel.writeAndFlush(ByteBuffer(bytes: try message.frame().bytes))
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
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
        let number = prompts.withLock { prompts in
            prompts.count += 1
            prompts.open = answer
            return prompts.count
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                answer.wait(continuation)
                send(.prompt(number: number, echo: true, text: TextRule.message.fitting(text)))
            }
        } onCancel: {
            answer.settle(.failure(CancellationError()))
        }
    }
}
