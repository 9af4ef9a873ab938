import DuetWire
import NIOCore

/// Frames of one login, on its event loop: BEGIN opens the login, ANSWERs go to its prompts, the peer's hanging up
/// interrupts it. A PREFETCH opens none: it is handed on, and nothing is answered. What is malformed is answered by nothing but a close.
final class LoginChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How long the first frame may take, and how often the module hears that the daemon lives.
    static let heartbeat = TimeAmount.seconds(5)

    private enum State {
        case connected
        case open(LoginConnection)
        case over
    }

    private var state = State.connected
    private var parser = FrameParser<ModuleMessage>()
    private var timer: Scheduled<Void>?
    private let begun: @Sendable (LoginConnection) -> Void
    private let coming: @Sendable (Begin) -> Void

    init(
        begun: @escaping @Sendable (LoginConnection) -> Void, coming: @escaping @Sendable (Begin) -> Void
    ) {
        self.begun = begun
        self.coming = coming
    }

    func channelActive(context: ChannelHandlerContext) {
        startTimer(context.channel)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        parser.append(unwrapInboundIn(data).readableBytesView)
        do {
            while let message = try parser.next() { try receive(message, context.channel) }
        } catch {
            end(.malformed)
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.abandoned)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.abandoned)
        context.close(promise: nil)
    }

    private func receive(_ message: ModuleMessage, _ channel: any Channel) throws(WireError) {
        switch (state, message) {
        case (.connected, .begin(let begin)):
            open(LoginConnection(begin: begin, channel: channel), channel)
        case (.open(let connection), .answer(let prompt, let text)):
            guard connection.receive(answer: text, to: prompt) else { throw .outOfOrder }
        case (.connected, .prefetch(let begin)):
            end(.abandoned)
            coming(begin)
            channel.close(promise: nil)
        case (.connected, .answer), (.open, .begin), (.open, .prefetch):
            throw .outOfOrder
        case (.over, .begin), (.over, .answer), (.over, .prefetch):
            break
        }
    }

    private func open(_ connection: LoginConnection, _ channel: any Channel) {
        state = .open(connection)
        begun(connection)
    }

    /// One timer for both: a login that is decided at once costs no second one.
    private func startTimer(_ channel: any Channel) {
        timer = channel.eventLoop.assumeIsolated().scheduleTask(in: Self.heartbeat) { [self] in
            switch state {
            case .connected: channel.close(promise: nil)
            case .open(let connection):
                connection.send(.heartbeat)
                startTimer(channel)
            case .over: break
            }
        }
    }

    private func end(_ interruption: LoginConnection.Interruption) {
        timer?.cancel()
        if case .open(let connection) = state { connection.interrupt(interruption) }
        state = .over
    }
}
