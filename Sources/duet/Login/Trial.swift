import DuetWire
import Glibc

/// The module's part of a login, with the person at this terminal. docs/protocol.md, *Order*.
struct Trial {
    /// Seconds without any frame, after which the daemon is taken for gone: as the module's.
    private static let silence = 15
    private static let answerCap = 1_024

    let begin: Begin
    let path: String
    /// Standard output is for the report alone.
    let isQuiet: Bool

    enum Failure: Error {
        case socket(ControlClient.Failure)
        /// What was to be sent cannot be.
        case unsendable
        case malformed
        /// The end of input, while something was asked.
        case left

        func sentence(path: String) -> String {
            switch self {
            case .socket(.connect(EACCES)):
                "only root may try a login, because it can send a push: sudo duet login …"
            case .socket(let failure): failure.sentence(path: path)
            case .unsendable: "a name, the address or the command is empty, too long or has control characters"
            case .malformed: "duetd's answer is not understood: are duet and duetd of the same version?"
            case .left: "nobody answered: the login was abandoned"
            }
        }
    }

    private struct State {
        var parser = FrameParser<DaemonMessage>()
        /// The number of the prompt that stands.
        var prompt: UInt32?
        var typed: [UInt8] = []
    }

    func run() throws(Failure) -> Verdict {
        let message: [UInt8]
        do { message = try ModuleMessage.begin(begin).frame().bytes } catch { throw .unsendable }
        let socket: Int32
        do { socket = try UnixSocket.connect(to: path, patience: Self.silence) } catch { throw .socket(error) }
        defer { close(socket) }
        try send(message, socket)
        var state = State()
        while true {
            if let verdict = try received(&state) { return verdict }
            if try answered(&state, socket) { continue }
            try wait(&state, socket)
        }
    }

    /// Shows what has come; the verdict, when it has.
    private func received(_ state: inout State) throws(Failure) -> Verdict? {
        while true {
            let message: DaemonMessage?
            do { message = try state.parser.next() } catch { throw .malformed }
            switch message {
            case nil: return nil
            case .heartbeat: break
            case .show(_, let text): say((state.prompt == nil ? "" : "\n") + text + "\n")
            case .prompt(let number, let echo, let text):
                // This daemon asks nothing that must not be seen; another one's question would be shown while it is typed.
                guard state.prompt == nil, echo else { throw .malformed }
                state.prompt = number
                say(text)
            case .verdict(let verdict):
                guard verdict.nonce == begin.nonce else { throw .malformed }
                if state.prompt != nil { say("\n") }
                return verdict
            }
        }
    }

    /// Sends a line that was typed, when one is asked for.
    private func answered(_ state: inout State, _ socket: Int32) throws(Failure) -> Bool {
        guard let number = state.prompt, let end = state.typed.firstIndex(of: UInt8(ascii: "\n")) else { return false }
        let line = TextRule.answer.fitting(String(decoding: state.typed[..<end], as: UTF8.self))
        state.typed.removeFirst(end + 1)
        state.prompt = nil
        do {
            try send(try ModuleMessage.answer(prompt: number, text: line).frame().bytes, socket)
        } catch {
            throw .malformed
        }
        return true
    }

    private func wait(_ state: inout State, _ socket: Int32) throws(Failure) {
        var entries = [pollfd(fd: socket, events: Int16(POLLIN), revents: 0)]
        if state.prompt != nil { entries.append(pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)) }
        let count = poll(&entries, nfds_t(entries.count), Int32(Self.silence) * 1_000)
        if count < 0, errno == EINTR { return }
        guard count > 0 else { throw .socket(.lost(EAGAIN)) }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        if entries[0].revents != 0 {
            let count = read(socket, &buffer, buffer.count)
            guard count > 0 else { throw .socket(.lost(count == 0 ? ECONNRESET : errno)) }
            state.parser.append(buffer.prefix(count))
        } else {
            let count = read(STDIN_FILENO, &buffer, Self.answerCap)
            guard count > 0 else { throw .left }
            state.typed += buffer.prefix(count)
            guard state.typed.count <= 64 * Self.answerCap else { throw .left }
        }
    }

    private func send(_ bytes: [UInt8], _ socket: Int32) throws(Failure) {
        do { try UnixSocket.send(bytes, over: socket) } catch { throw .socket(error) }
    }

    private func say(_ text: String) {
        var text = text
        _ = text.withUTF8 { write(isQuiet ? STDERR_FILENO : STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
}
