import DuetWire

/// One peer of the login socket, on the loop's thread: BEGIN opens the login, ANSWERs go to its prompts, its hanging up
/// interrupts it. A PREFETCH opens none: it is handed on, and nothing is answered. What is malformed is answered by nothing
/// but a close.
final class LoginPeer {
    /// How long the first frame may take, and how often the module hears that the daemon lives.
    static let heartbeat = Duration.seconds(5)

    /// Of this loop, for ever.
    let number: UInt64
    let socket: PeerSocket
    private let loop: LoginLoop
    private var state = State.connected
    private var parser = FrameParser<ModuleMessage>()
    private lazy var nextBeat = ContinuousClock.now + Self.heartbeat

    private enum State {
        case connected
        case open(LoginConnection)
        case over
    }

    init(_ number: UInt64, _ socket: PeerSocket, _ loop: LoginLoop) {
        self.number = number
        self.socket = socket
        self.loop = loop
    }

    /// It has not said yet who it is.
    var isNew: Bool { if case .connected = state { true } else { false } }

    /// When it has to be looked at, if nothing comes before.
    var due: ContinuousClock.Instant {
        guard case .open(let connection) = state, let deadline = connection.deadline else { return nextBeat }
        return min(nextBeat, deadline)
    }

    /// Takes what it has sent.
    func take(_ bytes: UnsafeRawBufferPointer, _ desk: LoginPeers.Desk) {
        parser.append(bytes)
        do {
            while let message = try parser.next() { try receive(message, desk) }
        } catch {
            end(.malformed)
        }
    }

    private func receive(_ message: ModuleMessage, _ desk: LoginPeers.Desk) throws(WireError) {
        switch (state, message) {
        case (.connected, .begin(let begin)):
            let connection = LoginConnection(begin: begin, number: number, socket: socket, loop: loop)
            state = .open(connection)
            // Nothing may follow before the daemon has asked.
            if parser.pending > 0 { connection.interrupt(.malformed) }
            desk.begun(connection)
            if socket.isClosed { state = .over }
        case (.open(let connection), .answer(let prompt, let text)):
            guard connection.receive(answer: text, to: prompt) else { throw .outOfOrder }
        case (.connected, .prefetch(let begin)):
            end(.abandoned)
            desk.coming(begin)
        case (.connected, .answer), (.open, .begin), (.open, .prefetch):
            throw .outOfOrder
        case (.over, .begin), (.over, .answer), (.over, .prefetch):
            break
        }
    }

    /// Its time has come: a sign of life for it, or its end.
    func look(_ now: ContinuousClock.Instant) {
        switch state {
        case .connected: if nextBeat <= now { end(.abandoned) }
        case .open(let connection):
            if let deadline = connection.deadline, deadline <= now { connection.interrupt(.timedOut) }
            guard nextBeat <= now else { return }
            nextBeat = now + Self.heartbeat
            connection.send(.heartbeat)
        case .over: break
        }
    }

    func end(_ interruption: LoginConnection.Interruption) {
        let before = state
        state = .over
        socket.close()
        if case .open(let connection) = before { connection.interrupt(interruption) }
    }
}
