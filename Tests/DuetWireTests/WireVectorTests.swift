import DuetWire
import Testing

@Suite("Wire vectors")
struct WireVectorTests {
    /// Everything that `bytes` hold, given in pieces; what is left over is a prefix.
    private func parse(_ pieces: [[UInt8]]) throws -> (messages: [AnyMessage], pending: Int) {
        var parser = FrameParser<AnyMessage>()
        var messages: [AnyMessage] = []
        for piece in pieces {
            parser.append(piece)
            while let message = try parser.next() { messages.append(message) }
        }
        return (messages, parser.pending)
    }

    @Test("The folder of vectors is not empty")
    func present() {
        #expect(Vector.messages.count >= 21)
        #expect(Vector.refused.count >= 53)
    }

    @Test("A whole vector says what its fields say", arguments: Vector.messages)
    func whole(_ vector: Vector) throws {
        let (messages, pending) = try parse([vector.bytes])
        #expect(messages.count == 1 && pending == 0)
        #expect(messages.first == expected(vector))
    }

    @Test("What is encoded from a vector is its bytes again", arguments: Vector.messages)
    func encoded(_ vector: Vector) throws {
        guard vector.name != "extra-field" else { return }
        #expect(try expected(vector)?.frame().bytes == vector.bytes)
    }

    @Test("A vector joined with another is two messages", arguments: Vector.messages)
    func joined(_ vector: Vector) throws {
        for other in Vector.messages {
            #expect(try parse([vector.bytes + other.bytes]).messages == [expected(vector), expected(other)])
        }
    }

    @Test("A vector byte by byte is the same message", arguments: Vector.messages)
    func byteByByte(_ vector: Vector) throws {
        #expect(try parse(vector.bytes.map { [$0] }).messages == [expected(vector)])
    }

    @Test("Every prefix waits for more", arguments: Vector.messages)
    func prefixes(_ vector: Vector) throws {
        for length in vector.bytes.indices {
            let (messages, pending) = try parse([Array(vector.bytes.prefix(length))])
            #expect(messages.isEmpty && pending == length)
        }
    }

    @Test("No change of a single byte crashes, or makes an allow of anything else", arguments: Vector.all)
    func singleBytes(_ vector: Vector) async {
        // Some refused vectors are an allow with one wrong byte on purpose: they may be mended, a refusal may not.
        let mayBecomeAllow = vector.name == "verdict-allow" || vector.expect == "refused"
        for index in vector.bytes.indices {
            // Millions of parses: other tests want the processor too.
            await Task.yield()
            var bytes = vector.bytes
            // The C tests try every value in long frames too; here that would take a minute.
            let original = bytes[index]
            let telling: [UInt8] = [
                0, 1, 9, 10, 31, 32, 127, 128, 191, 254, 255, original &- 1, original &+ 1, original ^ 1,
            ]
            for value in bytes.count <= 256 ? Array(UInt8.min...UInt8.max) : telling {
                bytes[index] = value
                let messages = (try? parse([bytes]).messages) ?? []
                if !mayBecomeAllow { #expect(!messages.contains { $0.isAllow }, "byte \(index) = \(value)") }
            }
        }
    }

    @Test("A refused vector is refused, whole and byte by byte", arguments: Vector.refused)
    func refused(_ vector: Vector) {
        #expect(throws: WireError.self) { try parse([vector.bytes]) }
        #expect(throws: WireError.self) { try parse(vector.bytes.map { [$0] }) }
    }

    @Test("A frame of the other direction is refused", arguments: Vector.messages)
    func direction(_ vector: Vector) {
        func takes<Message: WireMessage>(_: Message.Type) -> Bool {
            var parser = FrameParser<Message>()
            parser.append(vector.bytes)
            return (try? parser.next()) != nil
        }
        let takers = [
            takes(ModuleMessage.self), takes(DaemonMessage.self), takes(ControlRequest.self), takes(ControlReply.self),
        ]
        #expect(takers.filter { $0 }.count == 1)
    }

    @Test("A length over the cap is refused from the header alone")
    func capBeforeBody() {
        var parser = FrameParser<DaemonMessage>()
        parser.append([0x44, 0x55, 1, 0x81, 0, 0, 0x3F, 0xF9])
        #expect(throws: WireError.tooLong(16_377)) { try parser.next() }
    }

    @Test("A long answer travels in pieces and comes together")
    func pieces() throws {
        let document = [UInt8](repeating: 0x20, count: 40_000)
        let pieces = ControlReply.pieces(of: document, status: .done)
        #expect(pieces.map(\.isLast) == [false, false, true])
        #expect(pieces.flatMap(\.payload) == document)
    }

    @Test("Text is fitted by dropping control characters and cutting between characters")
    func fitting() {
        #expect(TextRule.message.fitting("a\u{1B}[31mb\u{9B}\nc") == "a[31mb\nc")
        #expect(TextRule.login.fitting(String(repeating: "ü", count: 20)).utf8.count == 32)
        #expect(TextRule.login.fitting(String(repeating: "ab", count: 40)).utf8.count == 32)
    }

    private func expected(_ vector: Vector) -> AnyMessage? {
        let field = vector.fields
        func number(_ name: String) -> UInt32 { field[name].flatMap { UInt32($0) } ?? 0 }
        func bytes(_ name: String) -> [UInt8] { field[name].map { Vector.unhex($0) } ?? [] }
        switch vector.expect {
        case "begin", "prefetch":
            let begin = Begin(
                nonce: bytes("nonce"), user: field["user"] ?? "", service: field["service"] ?? "",
                caller: number("caller"), silent: number("flags") & 1 != 0,
                isTrial: number("flags") & 2 != 0,
                timeout: .milliseconds(number("timeout")), rhost: field["rhost"], tty: field["tty"],
                ruser: field["ruser"], sshConnection: field["ssh_connection"], authInfo: field["auth_info"],
                session: SessionFacts(vector: field))
            return .module(vector.expect == "begin" ? .begin(begin) : .prefetch(begin))
        case "answer":
            return .module(.answer(prompt: number("prompt"), text: field["text"] ?? ""))
        case "show":
            return .daemon(.show(number("style") == 1 ? .information : .error, field["text"] ?? ""))
        case "prompt":
            return .daemon(
                .prompt(number: number("prompt"), echo: number("echo") == 1, text: field["text"] ?? ""))
        case "verdict":
            let result = Verdict.Result.allCases.first { "\($0)" == field["result"] } ?? .deny
            return .daemon(
                .verdict(
                    Verdict(
                        nonce: bytes("nonce"), result: result, reason: field["reason"] ?? "",
                        login: field["login"] ?? "")))
        case "heartbeat":
            return .daemon(.heartbeat)
        case "request":
            return .request(ControlRequest(verb: field["verb"] ?? "", arguments: field["arguments"]))
        case "reply":
            return .reply(
                ControlReply(
                    isLast: number("part") == 2, status: .init(rawValue: number("status")) ?? .failed,
                    payload: bytes("payload")))
        default:
            return nil
        }
    }
}
